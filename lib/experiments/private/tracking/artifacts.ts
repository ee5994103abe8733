import { aws_iam as iam, type aws_s3 as s3 } from 'aws-cdk-lib';
import { acknowledgeGranted } from '../../../private/nag/acknowledge';
import { grantKeyUse } from '../../../private/key-use';

/** To find the bucket, as the role in SageMaker's developer guide may. It is for the app or the server: MLflow's clients do not ask. */
export function grantFindArtifacts(role: iam.IRole, bucket: s3.IBucket): iam.Grant {
  return iam.Grant.addToPrincipal({ grantee: role, actions: ['s3:GetBucketLocation'], resourceArns: [bucket.bucketArn] });
}

/** To list the artifacts of one prefix, to read and to write them. */
export function grantArtifacts(grantee: iam.IGrantable, bucket: s3.IBucket, prefix: string | undefined): iam.Grant {
  const objects = bucket.arnForObjects(prefix === undefined ? '*' : `${prefix}/*`);
  acknowledgeGranted(grantee, 'MLflow names the artifacts of a run by the IDs of its experiment and of the run', objects);
  const list = iam.Grant.addToPrincipal({
    grantee, actions: ['s3:ListBucket'], resourceArns: [bucket.bucketArn],
    ...prefix === undefined ? {} : { conditions: { StringLike: { 's3:prefix': [prefix, `${prefix}/*`] } } },
  });
  const use = iam.Grant.addToPrincipal({
    grantee, actions: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'], resourceArns: [objects],
  });
  const all = list.combine(use);
  const key = grantKeyUse(grantee, bucket, 'write');
  return key === undefined ? all : all.combine(key);
}
