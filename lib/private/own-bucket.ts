import { aws_s3 as s3, CfnDeletionPolicy, CfnResource, RemovalPolicy } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { acknowledge } from './nag/acknowledge';

/**
 * A bucket that a construct makes for itself: private, encrypted, by TLS alone. With `RemovalPolicy.DESTROY` its objects
 * are deleted with it.
 *
 * @param advice what to do where `RemovalPolicies.of(…).retain()` reaches a bucket that is to be emptied. S3's own
 * message, which comes as well, does not know whose bucket it is
 */
export function ownBucket(
  scope: Construct, id: string, props: s3.BucketProps & { removalPolicy: RemovalPolicy }, advice: string,
): s3.Bucket {
  const isEmptied = props.removalPolicy === RemovalPolicy.DESTROY;
  const bucket = new s3.Bucket(scope, id, {
    blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL, enforceSSL: true, encryption: s3.BucketEncryption.S3_MANAGED,
    ...props,
    autoDeleteObjects: isEmptied,
  });
  acknowledge(bucket, 'AwsSolutions-S1',
    'server access logs need a second bucket, which is yours to choose: give the construct a bucket of yours that has them');
  const resource = bucket.node.defaultChild;
  if (isEmptied && CfnResource.isCfnResource(resource)) {
    bucket.node.addValidation({
      validate: () => resource.cfnOptions.deletionPolicy === CfnDeletionPolicy.DELETE ? [] : [
        `the objects of this bucket are deleted with its stack, got a removal policy that keeps the bucket: ${advice}`,
      ],
    });
  }
  return bucket;
}

/** For a bucket that is emptied because its construct was told so. */
export const KEEP_OBJECTS = 'leave out removalPolicy DESTROY of its construct';
