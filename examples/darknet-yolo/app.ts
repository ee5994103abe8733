/**
 * The flow of the article behind this project: YOLOv3-tiny for Darknet, compiled and packaged for a fleet.
 * Upload a tar.gz with yolov3-tiny.cfg and yolov3-tiny.weights, then:
 *   npx cdk synth -a 'npx tsx examples/darknet-yolo/app.ts' -c bucket=my-models -c key=yolov3-tiny.tar.gz -c version=<object version>
 * The compilation works on AWS; packaging, fleet and device want the retired service, or the local cloud.
 */
import { Annotations, App, aws_s3 as s3, Duration, Stack } from 'aws-cdk-lib';
import {
  CompilationJob, CompilationTarget, DeviceFleet, Framework, ModelInput, ModelSource, PackagingJob, TargetArch, TargetOs,
} from 'cdk-sagemaker-edge';

export const app = new App();
const context = (key: string, fallback: string): string => {
  const value: unknown = app.node.tryGetContext(key);
  return typeof value === 'string' ? value : fallback;
};

const stack = new Stack(app, 'DarknetYolo', { env: { region: 'eu-west-1' } });
const bucket = s3.Bucket.fromBucketName(stack, 'Models', context('bucket', 'my-models'));

const compiled = new CompilationJob(stack, 'Compile', {
  // With the object's version, a new upload is noticed; without it, it is not.
  model: ModelSource.fromBucket(bucket, context('key', 'yolov3-tiny.tar.gz'), { objectVersion: context('version', 'kfGWYbS3kR2aUoE1') }),
  framework: Framework.darknet({ inputs: [ModelInput.tensor('data', [1, 3, 416, 416])] }),
  target: CompilationTarget.platform({ os: TargetOs.LINUX, arch: TargetArch.X86_64 }),
  maxRuntime: Duration.minutes(15),
});
const packaged = new PackagingJob(stack, 'Package', { compilationJob: compiled, modelName: 'demo-darknet', modelVersion: '1.0' });

const fleet = new DeviceFleet(stack, 'Fleet', { deviceFleetName: 'demo-device-fleet' });
fleet.addDevice('Camera1').addCertificate();

Annotations.of(packaged).acknowledgeWarning('cdk-sagemaker-edge:PackagingJob.serviceRetired', 'kept for the record of the article');
Annotations.of(fleet).acknowledgeWarning('cdk-sagemaker-edge:DeviceFleet.serviceRetired', 'kept for the record of the article');
