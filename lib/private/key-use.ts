import { aws_kms as kms, type aws_iam as iam, type aws_s3 as s3 } from 'aws-cdk-lib';

/**
 * What S3 asks of somebody who reads or writes objects of a bucket that is encrypted with a key. A write in parts reads as well.
 * `Key.grantEncryptDecrypt` would add `kms:ReEncrypt*` and `kms:GenerateDataKey*`.
 */
export function grantKeyUse(grantee: iam.IGrantable, { encryptionKey }: s3.IBucket, use: 'read' | 'write'): iam.Grant | undefined {
  return encryptionKey && kms.KeyGrants.fromKey(encryptionKey).actions(grantee, 'kms:Decrypt', ...use === 'write' ? ['kms:GenerateDataKey'] : []);
}
