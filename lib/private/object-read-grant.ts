import { aws_iam as iam, aws_kms as kms, type aws_s3 as s3 } from 'aws-cdk-lib';

/** Read of one object, and of its key where that is known. `Bucket.grantRead` would add the listing of the bucket. */
export function objectReadGrant(grantee: iam.IGrantable, bucket: s3.IBucket, objectArn: string, encryptionKey: kms.IKeyRef | undefined = bucket.encryptionKey): iam.Grant {
  const grant = iam.Grant.addToPrincipalOrResource({ grantee, actions: ['s3:GetObject'], resourceArns: [objectArn], resource: bucket });
  return encryptionKey ? grant.combine(kms.KeyGrants.fromKey(encryptionKey).decrypt(grantee)) : grant;
}
