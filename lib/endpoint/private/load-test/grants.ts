import { aws_iam as iam, type aws_s3 as s3 } from 'aws-cdk-lib';
import { acknowledgeGranted } from '../../../private/nag/acknowledge';
import { objectReadGrant } from '../../../private/object-read-grant';

/** Read of one object. */
export function grantReadOfObject(role: iam.IRole, bucket: s3.IBucket, key: string): void {
  objectReadGrant(role, bucket, bucket.arnForObjects(key));
}

/** Read of the objects under a prefix, and the list of them. */
export function grantReadOfPrefix(role: iam.IRole, bucket: s3.IBucket, prefix: string): void {
  const objects = bucket.arnForObjects(`${prefix}*`);
  objectReadGrant(role, bucket, objects);
  acknowledgeGranted(role, 'the payloads of a load test, under a prefix that its owner gave', objects);
  grantListOfPrefix(role, bucket, prefix);
}

/** The names and sizes of the objects under a prefix. */
export function grantListOfPrefix(role: iam.IRole, bucket: s3.IBucket, prefix: string): void {
  role.addToPrincipalPolicy(new iam.PolicyStatement({
    actions: ['s3:ListBucket'], resources: [bucket.bucketArn], conditions: { StringLike: { 's3:prefix': [`${prefix}*`] } },
  }));
}
