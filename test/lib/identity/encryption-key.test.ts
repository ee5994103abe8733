import { App, aws_iam as iam, aws_kms as kms, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { GreengrassFleet } from '../../../lib/greengrass/greengrass-fleet';
import { DeviceCertificate, type DeviceCertificateOptions } from '../../../lib/identity/device-certificate';
import { DeviceCertificateGrants } from '../../../lib/identity/device-certificate-grants';
import { RoleAlias } from '../../../lib/identity/role-alias';
import { Thing } from '../../../lib/identity/thing';

const KEY = 'arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-0000-0000-000000000000';
const VIA = { StringEquals: { 'kms:ViaService': 'secretsmanager.eu-west-1.amazonaws.com' } };

let stack: Stack;
let key: kms.Key;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo', { env: { account: '111122223333', region: 'eu-west-1' } });
  key = new kms.Key(stack, 'Key');
});

function make(options: DeviceCertificateOptions, thingName = 'camera'): DeviceCertificate {
  return new DeviceCertificate(stack, `Certificate-${thingName}`, {
    thing: Thing.fromThingName(stack, `Thing-${thingName}`, thingName),
    roleAlias: RoleAlias.fromRoleAliasName(stack, `Alias-${thingName}`, 'shop'),
    ...options,
  });
}

const reader = (): iam.Role => new iam.Role(stack, 'Reader', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
const arnOf = (): unknown => stack.resolve(key.keyArn);

/** The statements of all policies that name the key. */
function statements(on: unknown): unknown[] {
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')) as {
    readonly Properties: { readonly PolicyDocument: { readonly Statement: readonly { readonly Resource: unknown }[] } };
  }[];
  return policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
    .filter(({ Resource }) => JSON.stringify(Resource) === JSON.stringify(on));
}

test('encrypts the secret', () => {
  make({ encryptionKey: key });
  Template.fromStack(stack).hasResourceProperties('AWS::SecretsManager::Secret', { KmsKeyId: arnOf() });
});

test('is that of the account by default', () => {
  make({});
  Template.fromStack(stack).hasResourceProperties('AWS::SecretsManager::Secret', { KmsKeyId: Match.absent() });
});

test('may be used by the handler through Secrets Manager alone, from before the secret until after it', () => {
  make({ encryptionKey: key });
  expect(statements(arnOf())).toEqual([
    { Effect: 'Allow', Action: ['kms:Decrypt', 'kms:GenerateDataKey'], Resource: arnOf(), Condition: VIA },
  ]);
  Template.fromStack(stack).hasResource('AWS::SecretsManager::Secret', {
    DependsOn: Match.arrayWith([Match.stringLikeRegexp('IdentityProviderSecretKeyRights')]),
  });
});

test('is granted to the handler once for all devices that have it', () => {
  make({ encryptionKey: key });
  make({ encryptionKey: key }, 'door');
  expect(statements(arnOf())).toHaveLength(1);
});

test('may be used for decryption by who reads the secret, through Secrets Manager alone', () => {
  make({ encryptionKey: key }).grants.readSecret(reader());
  expect(statements(arnOf())).toContainEqual({ Effect: 'Allow', Action: 'kms:Decrypt', Resource: arnOf(), Condition: VIA });
});

test('is known of an imported certificate', () => {
  const encryptionKey = kms.Key.fromKeyArn(stack, 'Imported', KEY);
  const certificate = DeviceCertificate.fromDeviceCertificateAttributes(stack, 'Certificate', {
    certificateArn: 'arn:aws:iot:eu-west-1:111122223333:cert/c0ffee', encryptionKey,
    secretArn: 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:x-AbCdEf',
  });
  expect(certificate.encryptionKey).toBe(encryptionKey);
  new DeviceCertificate(stack, 'Other', { // so that the stack has a handler, which gets no right on the key
    thing: Thing.fromThingName(stack, 'Thing', 'door'), roleAlias: RoleAlias.fromRoleAliasName(stack, 'Alias', 'shop'),
  });
  DeviceCertificateGrants.fromDeviceCertificate(certificate).readSecret(reader());
  expect(statements(KEY)).toEqual([{ Effect: 'Allow', Action: 'kms:Decrypt', Resource: KEY, Condition: VIA }]);
});

test('of a core device is given with the device', () => {
  new GreengrassFleet(stack, 'Fleet', { fleetName: 'shop' }).addDevice('Camera', { encryptionKey: key });
  Template.fromStack(stack).hasResourceProperties('AWS::SecretsManager::Secret', { KmsKeyId: arnOf() });
});

test('fails when the device has the key', () => {
  const certificateSigningRequest = '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n';
  expect(() => make({ encryptionKey: key, certificateSigningRequest })).toThrow(
    'encryptionKey is for the secret with the private key, got it and a certificateSigningRequest',
  );
});
