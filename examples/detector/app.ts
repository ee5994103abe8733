/**
 * A detector with YOLOv8's output, from its training to a device that predicts. export.py has trained it and written
 * model.onnx. This app takes it to a machine in EC2 that plays a device, and lets two cameras of your own have it, too.
 * Works on AWS today.
 *   npx cdk synth -a 'npx tsx examples/detector/app.ts'
 * On the device:
 *   node agent-client.js -a $SOCKET PredictAndCapture shapes picture.png --decode boxes --labels labels.txt \
 *     --score 0.6 --draw boxes.png
 */
import * as path from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import {
  CaptureBucket, CredentialEndpoint, DeviceRole, EdgeDevice, ModelInput, ModelSource, OnnxModel, PredictionDecoding,
  RoleAlias, SimulatedDevice, ThingType,
} from 'cdk-sagemaker-edge';

export const app = new App();
const stack = new Stack(app, 'Detector');

const model = new OnnxModel(stack, 'Model', {
  model: ModelSource.fromAsset(path.join(__dirname, 'model.onnx')), modelName: 'shapes', modelVersion: '1.0',
  // The model takes a batch of any size. A camera sends one picture at a time: the agent tells its clients so.
  inputs: [ModelInput.tensor('images', [1, 3, 128, 128])],
});

const captureBucket = new CaptureBucket(stack, 'Captures');
const roleAlias = new RoleAlias(stack, 'RoleAlias', { role: new DeviceRole(stack, 'DeviceRole', { captureBucket }) });
const thingType = new ThingType(stack, 'ThingType');
const addCamera = (id: string): EdgeDevice => {
  const camera = new EdgeDevice(stack, id, { fleetName: 'packing-line', thingType, roleAlias, captureBucket });
  camera.addCertificate();
  return camera;
};

const simulated = new SimulatedDevice(stack, 'Simulated', { device: addCamera('Camera1'), models: [model] });
new CfnOutput(stack, 'Inputs', { value: simulated.inputUri });
new CfnOutput(stack, 'Predict', { value: simulated.predictAndCaptureCommand({
  modelName: 'shapes', input: 'picture.png', decoding: PredictionDecoding.boxes({ labels: 'labels.txt' }),
}) });

addCamera('Camera2');
addCamera('Camera3');
// What a camera of your own needs beside its certificate.
new CfnOutput(stack, 'ModelPackage', { value: model.modelArtifactUri });
new CfnOutput(stack, 'CredentialsUrl', { value: CredentialEndpoint.forStack(stack).credentialsUrl(roleAlias) });
