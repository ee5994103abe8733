/**
 * A model in one stack, its users in another. A new model makes a new artifact with a new location; if the second stack
 * imported it by a CloudFormation export, the first could not change it as long as the second uses it (the export
 * deadlock). So it goes through an SSM parameter, which the second stack reads when it is deployed.
 *   npx cdk synth -a 'npx tsx examples/two-stacks/app.ts'
 */
import * as path from 'node:path';
import { Annotations, App, aws_iam as iam, aws_s3 as s3, aws_ssm as ssm, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  CompilationJob, CompilationTarget, Framework, ModelGrants, ModelInput, ModelSource, PackagingJob, TargetArch, TargetOs,
} from 'cdk-sagemaker-edge';

export const app = new App();
const context: unknown = app.node.tryGetContext('model');
const modelFile = typeof context === 'string'
  ? context
  : path.join(__dirname, '..', '..', 'node_modules', '@gutenye', 'ocr-models', 'assets', 'ch_ppocr_mobile_v2.0_cls_infer.onnx');

/** Makes the model, and says where it is. */
const models = new Stack(app, 'Models');
const bucket = new s3.Bucket(models, 'Artifacts', {
  blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL, enforceSSL: true, removalPolicy: RemovalPolicy.DESTROY, autoDeleteObjects: true,
});
const compiled = new CompilationJob(models, 'Compile', {
  model: ModelSource.fromAsset(modelFile),
  framework: Framework.onnx({ inputs: [ModelInput.tensor('x', [1, 3, 48, 192])] }),
  target: CompilationTarget.platform({ os: TargetOs.LINUX, arch: TargetArch.X86_64 }),
  outputBucket: bucket,
});
const packaged = new PackagingJob(models, 'Package', { compilationJob: compiled, modelName: 'orientation', modelVersion: '2.0' });
Annotations.of(packaged).acknowledgeWarning('cdk-sagemaker-edge:PackagingJob.serviceRetired', 'an example for the local cloud');
new ssm.StringParameter(models, 'Location', { parameterName: '/edge/orientation/artifact', stringValue: packaged.modelArtifactUri });

/** Uses it: reads the parameter anew in each deployment, and holds no export. */
const devices = new Stack(app, 'Devices');
devices.node.addDependency(models);
const model = PackagingJob.fromPackagingJobAttributes(devices, 'Model', {
  modelName: 'orientation', modelVersion: '2.0', modelArtifactBucket: bucket,
  modelArtifactUri: ssm.StringParameter.valueForStringParameter(devices, '/edge/orientation/artifact'),
});
const gateway = new iam.Role(devices, 'Gateway', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
ModelGrants.fromModel(model).read(gateway); // whoever takes the model to the devices
new CfnOutput(devices, 'ModelPackage', { value: model.modelArtifactUri });
