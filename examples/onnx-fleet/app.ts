/**
 * What works on AWS today: an ONNX model in S3 with its digest, and devices with certificates that may write what they
 * capture, each under its own prefix.
 *   npx cdk synth -a 'npx tsx examples/onnx-fleet/app.ts'
 */
import * as path from 'node:path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import {
  CaptureBucket, CredentialEndpoint, DeviceRole, EdgeDevice, ModelSource, OnnxModel, RoleAlias, ThingType,
} from 'cdk-sagemaker-edge';

export const app = new App();
const stack = new Stack(app, 'OnnxFleet');
const models = path.join(__dirname, '..', '..', 'node_modules', '@gutenye', 'ocr-models', 'assets');
const modelFile = path.join(models, 'ch_ppocr_mobile_v2.0_cls_infer.onnx');

const model = new OnnxModel(stack, 'Model', { model: ModelSource.fromAsset(modelFile), modelName: 'orientation', modelVersion: '2.0' });

const captureBucket = new CaptureBucket(stack, 'Captures', { lifecycle: { expiration: Duration.days(90) } });
const role = new DeviceRole(stack, 'DeviceRole', { captureBucket });
const roleAlias = new RoleAlias(stack, 'RoleAlias', { role, credentialDuration: Duration.hours(1) });
const thingType = new ThingType(stack, 'ThingType', { description: 'Cameras of the packing line' });

for (const id of ['Camera1', 'Camera2', 'Camera3']) {
  new EdgeDevice(stack, id, { fleetName: 'packing-line', thingType, roleAlias, captureBucket }).addCertificate();
}

new CfnOutput(stack, 'ModelPackage', { value: model.modelArtifactUri });
new CfnOutput(stack, 'CredentialsUrl', { value: CredentialEndpoint.forStack(stack).credentialsUrl(roleAlias) });
