/**
 * A model of scikit-learn, from its training to a device that predicts. export.py has trained it and written model.onnx. This
 * app takes it to the core devices of a Greengrass fleet, one of which a machine in EC2 plays. Works on AWS today.
 *   npx cdk synth -a 'npx tsx examples/scikit-learn/app.ts'
 * On the device:
 *   node agent-client.js -a $SOCKET PredictAndCapture wines measurements.npy --decode classes --labels labels.txt
 */
import * as path from 'node:path';
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import {
  AgentComponent, FleetDeployment, GreengrassFleet, ModelComponent, ModelSource, OnnxModel, SimulatedCoreDevice,
} from 'cdk-sagemaker-edge';

export const app = new App();
const stack = new Stack(app, 'ScikitLearn');

const model = new OnnxModel(stack, 'Onnx', {
  model: ModelSource.fromAsset(path.join(__dirname, 'model.onnx')), modelName: 'wines', modelVersion: '1.0',
});

const fleet = new GreengrassFleet(stack, 'Fleet', { fleetName: 'laboratory' });
const machine = new SimulatedCoreDevice(stack, 'Simulated', { device: fleet.addDevice('Analyser1') });
const agent = new AgentComponent(stack, 'Agent', {
  models: [new ModelComponent(stack, 'Model', { model })], fleetName: 'laboratory', captureBucket: fleet.captureBucket,
});
const deployment = new FleetDeployment(stack, 'Deployment', { fleet, components: [agent], waitForDevices: Duration.minutes(20) });
deployment.node.addDependency(machine); // made after the machine, deleted before it

new CfnOutput(stack, 'Socket', { description: 'Below the folder of the nucleus', value: agent.socketPath });
