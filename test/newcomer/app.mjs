// The newcomer's CDK app: a model, a device, and a machine that plays it.
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AgentConfig, CaptureBucket, DeviceRole, EdgeDevice, ModelSource, OnnxModel, RoleAlias, SimulatedDevice,
} from 'cdk-sagemaker-edge';

const stack = new Stack(new App(), 'Factory');
const captureBucket = new CaptureBucket(stack, 'Captures', { removalPolicy: RemovalPolicy.DESTROY });
const roleAlias = new RoleAlias(stack, 'RoleAlias', { role: new DeviceRole(stack, 'DeviceRole', { captureBucket }) });
const device = new EdgeDevice(stack, 'Device', { deviceName: 'press-1', fleetName: 'factory', roleAlias, captureBucket });
device.addCertificate();
const model = new OnnxModel(stack, 'Model', { model: ModelSource.fromAsset('model.onnx'), modelName: 'scale', modelVersion: '1.0' });
new SimulatedDevice(stack, 'Machine', { device, models: [model], agentConfig: new AgentConfig({ captureBatchSize: 1 }) });
new CfnOutput(stack, 'CaptureLocation', { value: captureBucket.captureUri });
