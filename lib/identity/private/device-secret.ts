import { ArnFormat, Aws, aws_iam as iam, aws_secretsmanager as secretsmanager, Fn, Stack, type aws_kms as kms } from 'aws-cdk-lib';
import type { Construct, IConstruct } from 'constructs';
import { acknowledge, acknowledgeWildcards } from '../../private/nag/acknowledge';
import { shortHash } from '../../private/naming';
import type { IdentityProvider } from './provider';

/** What tells the secret of a device from others. */
export interface DeviceSecretOptions {
  /** What the secret belongs to: its own name is made of it. */
  readonly names: readonly string[];
  readonly encryptionKey: kms.IKeyRef | undefined;
}

/**
 * The secret of a device. It is empty until the handler writes to it. Its name is ours, so that one pattern matches all secrets of a
 * stack. The stack's id makes the name new each time.
 */
export function deviceSecret(
  scope: Construct, provider: IdentityProvider, { names, encryptionKey }: DeviceSecretOptions,
): secretsmanager.CfnSecret {
  const folder = `cdk-sagemaker-edge/${Aws.STACK_NAME}/${Fn.select(2, Fn.split('/', Aws.STACK_ID))}`;
  const secret = new secretsmanager.CfnSecret(scope, 'Secret', {
    name: `${folder}/${shortHash(names.join('\n'), 16)}`,
    description: 'Private key and certificate of an edge device',
    kmsKeyId: encryptionKey?.keyRef.keyArn,
  });
  acknowledge(secret, 'AwsSolutions-SMG4',
    'the secret holds the key of a device: for another key the device needs another certificate, not the secret another value');
  const secrets = Stack.of(scope).formatArn({
    service: 'secretsmanager', resource: 'secret', resourceName: `${folder}/*`, arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  const rights = provider.grantOnce(provider, 'DeviceSecretRights', new iam.PolicyStatement({
    actions: ['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue'], resources: [secrets],
  }));
  acknowledgeWildcards(rights, 'each device secret of this stack: a statement for each would not fit into the policies of a role', secrets);
  secret.node.addDependency(rights);
  if (encryptionKey) {
    // Secrets Manager encrypts with a data key of the KMS key, and decrypts that data key to read.
    secret.node.addDependency(provider.grantOnce(provider, `SecretKeyRights${shortHash(encryptionKey.node.addr)}`, new iam.PolicyStatement({
      actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [encryptionKey.keyRef.keyArn], conditions: viaSecretsManager(scope),
    })));
  }
  return secret;
}

/** The use of a KMS key by Secrets Manager alone, in the name of somebody. */
export function viaSecretsManager(scope: IConstruct): Record<string, Record<string, string>> {
  return { StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(scope).region}.amazonaws.com` } };
}
