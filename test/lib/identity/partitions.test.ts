import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CaptureBucket } from '../../../lib/capture/capture-bucket';
import { CredentialEndpoint } from '../../../lib/identity/credential-endpoint';
import { DeviceRole } from '../../../lib/identity/device-role';
import { EdgeDevice } from '../../../lib/identity/edge-device';
import { RoleAlias } from '../../../lib/identity/role-alias';
import { Thing } from '../../../lib/identity/thing';
import { ThingType } from '../../../lib/identity/thing-type';

/** Every foundation construct, made and imported. */
function templateFor(env: { account?: string; region?: string }): string {
  const stack = new Stack(new App(), 'Demo', { env });
  const captureBucket = new CaptureBucket(stack, 'Captures');
  const roleAlias = new RoleAlias(stack, 'Alias', { role: new DeviceRole(stack, 'Role', { captureBucket }) });
  new EdgeDevice(stack, 'Camera', { fleetName: 'shop', roleAlias, captureBucket, thingType: new ThingType(stack, 'Type') }).addCertificate();
  new EdgeDevice(stack, 'Imported', {
    fleetName: 'shop', thing: Thing.fromThingName(stack, 'Thing', 'door'), roleAlias: RoleAlias.fromRoleAliasName(stack, 'OtherAlias', 'door'),
  }).addCertificate();
  expect(CredentialEndpoint.forStack(stack).credentialsUrl(roleAlias)).toBeDefined();
  return JSON.stringify(Template.fromStack(stack).toJSON());
}

/** Service principals are the same in every partition; IAM maps them. */
function withoutPrincipals(template: string): string {
  return template.replace(/"Service":"[a-z.]+\.amazonaws\.com"/g, '');
}

test.each(['cn-north-1', 'us-gov-west-1', 'eu-west-3'])('the foundation has no partition and no DNS suffix of its own in %s', (region) => {
  const template = withoutPrincipals(templateFor({ account: '111122223333', region }));
  expect(template).not.toMatch(/arn:aws[a-z-]*:/);
  expect(template).not.toMatch(/amazonaws\.com/);
  expect(template.replaceAll(region, '')).not.toMatch(/(us|eu|ap|cn)-[a-z]+-[0-9]/);
});

test('the foundation has no region of its own where the stack has none', () => {
  expect(withoutPrincipals(templateFor({}))).not.toMatch(/(us|eu|ap|cn)-[a-z]+-[0-9]|arn:aws|amazonaws\.com/);
});
