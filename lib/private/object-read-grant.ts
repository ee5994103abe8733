import { aws_iam as iam, aws_kms as kms, type aws_s3 as s3 } from 'aws-cdk-lib';

/** What else is known of an object. */
export interface ReadObject {
  /** The key of the object where it is not the bucket's. */
  readonly encryptionKey?: kms.IKeyRef;
  /** Whether the object is read by its version: S3 then asks for another action instead. */
  readonly byVersion?: boolean;
}

/** Read of one object, and of its key where that is known. `Bucket.grantRead` would add the listing of the bucket. */
export function objectReadGrant(
  grantee: iam.IGrantable, bucket: s3.IBucket, objectArn: string, object: ReadObject = {},
): iam.Grant {
  const { encryptionKey = bucket.encryptionKey, byVersion = false } = object;
  const grant = iam.Grant.addToPrincipalOrResource({
    grantee,
    actions: [byVersion ? 's3:GetObjectVersion' : 's3:GetObject'],
    resourceArns: [objectArn],
    resource: bucket,
  });
  return encryptionKey ? grant.combine(kms.KeyGrants.fromKey(encryptionKey).decrypt(grantee)) : grant;
}
