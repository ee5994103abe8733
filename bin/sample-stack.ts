import { Annotations, CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  AgentConfig, CaptureBucket, CompilationJob, CredentialEndpoint, type Device, DeviceFleet, DeviceRole, EdgeDevice, Framework, type IDeployableModel,
  ModelInput, ModelSource, OnnxModel, PackagingJob, RoleAlias, SimulatedDevice, ThingType,
} from '../lib';
import type { SampleConfig } from './sample-config';
import { parseTarget } from './sample-target';

/** Properties of the sample. */
export interface SampleStackProps extends StackProps {
  readonly config: SampleConfig;
}

/** From a trained model to devices, by the delivery that the context chooses. Nothing in it outlives the stack. */
export class SampleStack extends Stack {
  public constructor(scope: Construct, id: string, props: SampleStackProps) {
    super(scope, id, props);
    const { config } = props;
    if (config.delivery === 'direct') { this.deliverDirectly(config); } else { this.deliverByEdgeManager(config); }
  }

  /** All of it deploys on AWS today. */
  private deliverDirectly(config: SampleConfig): void {
    const captureBucket = new CaptureBucket(this, 'Captures', { removalPolicy: RemovalPolicy.DESTROY });
    const roleAlias = new RoleAlias(this, 'RoleAlias', { role: new DeviceRole(this, 'DeviceRole', { captureBucket }) });
    const thingType = new ThingType(this, 'ThingType');
    const devices = deviceIds(config).map((id) => new EdgeDevice(this, id, {
      deviceName: `${config.fleetName}-${id.toLowerCase()}`, fleetName: config.fleetName, thingType, roleAlias, captureBucket,
    }));
    const model = new OnnxModel(this, 'Model', {
      model: ModelSource.fromAsset(config.model), inputs: modelInputs(config), modelName: config.modelName, modelVersion: config.modelVersion,
    });
    Annotations.of(this).addInfo(
      'delivery=direct leaves out the compilation (Neo gives a DLR library, the agent runs ONNX) and the Edge Manager fleet and packaging (AWS retired them on 2024-04-26). '
      + 'The whole flow runs in the local cloud: npm run local',
    );
    this.finish(config, model, devices, captureBucket);
  }

  /** The flow of SageMaker Edge Manager. It runs in the local cloud; on AWS the service is gone. */
  private deliverByEdgeManager(config: SampleConfig): void {
    const compiled = new CompilationJob(this, 'Compile', {
      model: ModelSource.fromAsset(config.model),
      framework: Framework.onnx({ inputs: modelInputs(config) }),
      target: parseTarget(config.target),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const packaged = new PackagingJob(this, 'Package', { compilationJob: compiled, modelName: config.modelName, modelVersion: config.modelVersion });
    const captureBucket = new CaptureBucket(this, 'Captures', { removalPolicy: RemovalPolicy.DESTROY });
    const fleet = new DeviceFleet(this, 'Fleet', { deviceFleetName: config.fleetName, captureBucket });
    const devices = deviceIds(config).map((id) => fleet.addDevice(id));
    for (const [construct, name] of [[packaged, 'PackagingJob'], [fleet, 'DeviceFleet']] as const) {
      Annotations.of(construct).acknowledgeWarning(`cdk-sagemaker-edge:${name}.serviceRetired`, 'asked for by delivery=edge-manager');
    }
    this.output('CompilationJobName', 'the Neo job', compiled.compilationJobName);
    this.output('CompiledArtifact', 'what the job made', compiled.modelArtifactUri);
    this.output('DeviceFleetName', 'the fleet', fleet.deviceFleetName);
    this.finish(config, packaged, devices, captureBucket);
  }

  private finish(config: SampleConfig, model: IDeployableModel, devices: (EdgeDevice | Device)[], captureBucket: CaptureBucket): void {
    const [first] = devices;
    if (first === undefined) { throw new Error('the sample has no device'); }
    for (const device of devices) { device.addCertificate(); }
    const simulated = new SimulatedDevice(this, 'Simulated', {
      device: first, models: [model],
      agentConfig: new AgentConfig({ captureBatchSize: 1 }), // one at a time, so that a person who tries it sees each
    });
    this.output('ModelPackage', 'the package that a device loads', model.modelArtifactUri);
    this.output('CaptureLocation', 'where devices put what they capture, a folder each', captureBucket.captureUri);
    this.output('CredentialsUrl', 'where a device gets AWS credentials by its certificate', CredentialEndpoint.forStack(this).credentialsUrl(first.roleAlias));
    this.output('SimulatedDeviceInstance', 'plays the first device: aws ssm start-session --target', simulated.instance.instanceId);
    this.output('InputLocation', 'put a picture here before a prediction', simulated.inputUri);
    this.output('PredictAndCapture', 'reads picture.png with the characters of keys.txt', simulated.predictAndCaptureCommand({
      modelName: config.modelName, input: 'picture.png', textKeys: 'keys.txt',
    }));
    this.output('DeviceNames', 'things and devices of these names', devices.map(({ deviceName }) => deviceName).join(' '));
  }

  private output(id: string, description: string, value: string): void {
    new CfnOutput(this, id, { description, value });
  }
}

function deviceIds({ deviceCount }: SampleConfig): string[] {
  return Array.from({ length: deviceCount }, (_, index) => `Camera${index + 1}`);
}

function modelInputs({ inputShapes }: SampleConfig): ModelInput[] {
  return inputShapes.map(({ name, shape }) => ModelInput.tensor(name, shape));
}
