/**
 * Two trials on versioned data, and the model that wins. README.md beside it says how to run it. The same app in Python: app.py.
 *   npx cdk deploy -a 'npx tsx examples/dvc-experiments/app.ts'
 */
import * as path from 'node:path';
import { App, aws_codecommit as codecommit, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  CaptureBucket, DeviceRole, DvcStore, EdgeDevice, EndpointInstanceType, EndpointModel, ExperimentContainer, ExperimentObjective,
  ExperimentPipeline, ExperimentTracking, GitRepository, OnnxModel, RealTimeEndpoint, RoleAlias, SimulatedDevice,
} from 'cdk-sagemaker-edge';

const SCRIPTS = path.join(__dirname, 'scripts');
/** A folder of its own: a change there is no new training. */
const REGISTRATION = path.join(__dirname, 'registration');
/** As train.py names the folder of Triton's repository. */
const modelName = 'houses';
/** PyTorch's container has the newest Python of AWS's; the scripts need no PyTorch. */
const container = ExperimentContainer.PYTORCH_2_8_CPU;

/**
 * Adds the stack to an app. With `-c winner=<objectVersion>`, which the output of an execution names, that winner is served, and taken to a
 * device.
 */
export function addExperiments(app: App): void {
  const stack = new Stack(app, 'DvcExperiments');
  const repository = new codecommit.Repository(stack, 'Repository', { repositoryName: 'sagemaker-dvc-sample' });
  const store = new DvcStore(stack, 'Store', { repository: GitRepository.fromCodeCommit(repository), removalPolicy: RemovalPolicy.DESTROY });
  const tracking = new ExperimentTracking(stack, 'Tracking', { removalPolicy: RemovalPolicy.DESTROY });
  const pipeline = new ExperimentPipeline(stack, 'Houses', {
    store,
    tracking,
    processing: { folder: SCRIPTS, entryPoint: 'prepare.py', outputs: ['data/train', 'data/validation', 'data/test'], container },
    training: { folder: SCRIPTS, entryPoint: 'train.py', metrics: { 'AE-at-50th-percentile': 'AE-at-50th-percentile: ([0-9.]+)' }, container },
    evaluation: { folder: SCRIPTS, entryPoint: 'evaluate.py', metrics: { 'test-median-error': 'test-median-error: ([0-9.]+)' }, container },
    registration: { folder: REGISTRATION, entryPoint: 'register.py', scriptArguments: { 'model-name': modelName }, container },
    objective: ExperimentObjective.minimize('test-median-error'),
    trials: [
      {
        trialName: 'single-file', branch: 'dvc-trial-single-file',
        processingArguments: { 'train-test-split-ratio': '0.2' }, hyperparameters: { 'learning-rate': '0.1', 'depth': '3' },
      },
      {
        trialName: 'multi-files', branch: 'dvc-trial-multi-files',
        processingArguments: { 'train-test-split-ratio': '0.1', 'files': '2' }, hyperparameters: { 'learning-rate': '0.1', 'depth': '3' },
      },
    ],
    removalPolicy: RemovalPolicy.DESTROY,
  });

  new CfnOutput(stack, 'Setup', { value: store.setupCommands().join('\n') });
  new CfnOutput(stack, 'RepositoryUrl', { value: store.repositoryUrl });
  new CfnOutput(stack, 'Start', { value: pipeline.startCommand() });
  new CfnOutput(stack, 'StateMachine', { value: pipeline.stateMachine.stateMachineArn });
  new CfnOutput(stack, 'TrackingUri', { value: tracking.trackingUri });

  const objectVersion: unknown = app.node.tryGetContext('winner');
  if (typeof objectVersion === 'string') {
    deliver(stack, pipeline, objectVersion);
  }
}

/** An endpoint and a device with a version of the winner. */
function deliver(stack: Stack, pipeline: ExperimentPipeline, winner: string): void {
  const endpoint = new RealTimeEndpoint(stack, 'Endpoint', {
    variants: [{
      model: EndpointModel.tritonRepository(pipeline.winnerModel({ objectVersion: winner }), { modelName }),
      instanceType: EndpointInstanceType.M5_LARGE,
    }],
  });
  const model = OnnxModel.fromBucket(stack, 'OnDevices', {
    bucket: pipeline.artifactBucket, key: pipeline.winnerKey, objectVersion: winner, modelName, modelVersion: '1.0',
  });
  const captureBucket = new CaptureBucket(stack, 'Captures', { removalPolicy: RemovalPolicy.DESTROY });
  const roleAlias = new RoleAlias(stack, 'RoleAlias', { role: new DeviceRole(stack, 'DeviceRole', { captureBucket }) });
  const device = new EdgeDevice(stack, 'Valuer1', { fleetName: 'valuers', roleAlias, captureBucket });
  device.addCertificate();
  new SimulatedDevice(stack, 'Simulated', { device, models: [model] });
  new CfnOutput(stack, 'EndpointName', { value: endpoint.endpointName });
}

export const app = new App();
addExperiments(app);
