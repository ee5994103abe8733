import * as path from 'node:path';
import { App, aws_ec2 as ec2, aws_iam as iam, aws_kms as kms, aws_lambda as lambda, aws_s3 as s3, Stack } from 'aws-cdk-lib';
import {
  CaptureBucket, CompilationJob, CompilationTarget, EndpointAlarms, EndpointCapacity, EndpointDeployment, EndpointInstanceType,
  EndpointModel, Framework, GreengrassFleet, GreengrassPreset, HandlerSettings, ModelInput, ModelSource, OnnxModel, PackagingJob,
  RealTimeEndpoint, SimulatedDevice, TargetArch, TargetOs,
} from '../../lib';

const MODEL = path.join(__dirname, '..', '..', 'node_modules', '@gutenye', 'ocr-models', 'assets', 'ch_PP-OCRv4_det_infer.onnx');

/** Endpoints as they are by default, and with all that an endpoint can have. */
export function endpoints(stack: Stack): void {
  const variant = { model: EndpointModel.triton(ModelSource.fromAsset(MODEL)), instanceType: EndpointInstanceType.M5_XLARGE };
  new RealTimeEndpoint(stack, 'Default', { variants: [variant] });
  const key = new kms.Key(stack, 'Key', { enableKeyRotation: true });
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] });
  const endpoint = new RealTimeEndpoint(stack, 'Full', {
    variants: [{ ...variant, instanceCount: 2 }], vpc, volumeKey: key, dataCapture: { encryptionKey: key },
    deployment: EndpointDeployment.canary(EndpointCapacity.percent(50)),
  });
  endpoint.autoScale({ min: 2, max: 4 }).onInvocationsPerInstance(1000);
  endpoint.addRollbackAlarms(...new EndpointAlarms(stack, 'Alarms', { endpoint }).alarms);
  endpoint.grantInvoke(new iam.Role(stack, 'Caller', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }));
}

/** An app that gives the constructs what a user has: network, roles, keys and buckets, some of them in another stack. */
export function consumerApp(): App {
  const app = new App();
  const own = new Stack(app, 'Own');
  const role = new iam.Role(own, 'JobRole', { assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com') });
  const replay = new iam.Role(own, 'Replay', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
  const captures = new CaptureBucket(own, 'Captures');
  captures.grants.read(replay);
  captures.grants.write(replay, 'camera-1');

  const stack = new Stack(app, 'Line');
  const bucket = s3.Bucket.fromBucketAttributes(stack, 'Encrypted', {
    bucketName: 'encrypted', encryptionKey: kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/k'),
  });
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] });
  HandlerSettings.of(stack).apply({ vpc, tracing: lambda.Tracing.ACTIVE });
  const compilationJob = new CompilationJob(stack, 'Compile', {
    model: ModelSource.fromAsset(MODEL),
    framework: Framework.onnx({ inputs: [ModelInput.tensor('x', [1, 3, 416, 416])] }),
    target: CompilationTarget.platform({ os: TargetOs.LINUX, arch: TargetArch.X86_64 }),
    role, vpc, securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')], outputBucket: bucket,
  });
  new PackagingJob(stack, 'Package', { compilationJob, modelName: 'detector', modelVersion: '1.0', greengrass: GreengrassPreset.component() });
  OnnxModel.fromBucket(stack, 'Model', { bucket, key: 'model.onnx', modelName: 'net', modelVersion: '1.0', packageBucket: bucket });
  endpoints(new Stack(app, 'Endpoints'));
  const fleet = new GreengrassFleet(stack, 'Fleet', { fleetName: 'line', captureBucket: captures, uploadLogs: true });
  const encryptionKey = new kms.Key(stack, 'DeviceKey', { enableKeyRotation: true });
  const device = fleet.addDevice('Camera', { encryptionKey });
  new SimulatedDevice(stack, 'Simulated', {
    device, vpc, securityGroup: ec2.SecurityGroup.fromSecurityGroupId(stack, 'MachineGroup', 'sg-2'), manifestBucket: bucket,
    role: new iam.Role(stack, 'MachineRole', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') }),
    volumeEncryptionKey: encryptionKey,
  });
  const closed = ec2.Vpc.fromVpcAttributes(stack, 'ClosedVpc', {
    vpcId: 'vpc-2', availabilityZones: ['a'], isolatedSubnetIds: ['subnet-2'], isolatedSubnetRouteTableIds: ['rtb-2'],
  });
  new SimulatedDevice(stack, 'Closed', { device: fleet.addDevice('Indoors'), vpc: closed, vpcEndpoints: true });
  return app;
}
