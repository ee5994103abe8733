/**
 * A classifier of pictures, from its training to a device that predicts. export.py has trained it and written model.onnx.
 * This app takes it to a machine in EC2 that plays a device. Works on AWS today.
 *   npx cdk synth -a 'npx tsx examples/image-classifier/app.ts'
 * On the device:
 *   node agent-client.js -a $SOCKET PredictAndCapture digits seven.png --decode classes --labels labels.txt
 */
import * as path from 'node:path';
import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import {
  CaptureBucket, DeviceRole, EdgeDevice, ModelSource, OnnxModel, PredictionDecoding, RoleAlias, SimulatedDevice, ThingType,
} from 'cdk-sagemaker-edge';

export const app = new App();
const stack = new Stack(app, 'ImageClassifier');

const model = new OnnxModel(stack, 'Model', {
  model: ModelSource.fromAsset(path.join(__dirname, 'model.onnx')), modelName: 'digits', modelVersion: '1.0',
});

const captureBucket = new CaptureBucket(stack, 'Captures');
const roleAlias = new RoleAlias(stack, 'RoleAlias', { role: new DeviceRole(stack, 'DeviceRole', { captureBucket }) });
const thingType = new ThingType(stack, 'ThingType');
const device = new EdgeDevice(stack, 'Camera', { fleetName: 'sorting-office', thingType, roleAlias, captureBucket });
device.addCertificate();
const simulated = new SimulatedDevice(stack, 'Simulated', { device, models: [model] });

// Upload a picture there, and predict with it. The captured tensors arrive in the capture bucket.
new CfnOutput(stack, 'Inputs', { value: simulated.inputUri });
new CfnOutput(stack, 'Predict', { value: simulated.predictAndCaptureCommand({
  modelName: 'digits', input: 'seven.png', decoding: PredictionDecoding.classes({ labels: 'labels.txt' }),
}) });
