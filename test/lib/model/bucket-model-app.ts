import { App, aws_s3 as s3, Stack } from 'aws-cdk-lib';
import { OnnxModel } from '../../../lib';

/** An app with a model that lies in S3, as a training job left it. */
export function bucketModelApp(): App {
  const app = new App();
  const stack = new Stack(app, 'BucketModel');
  const bucket = s3.Bucket.fromBucketName(stack, 'Trained', 'trained');
  OnnxModel.fromBucket(stack, 'Model', {
    bucket, key: 'job/output/model.tar.gz', objectVersion: 'v1', modelName: 'text-net', modelVersion: '1.0',
  });
  return app;
}
