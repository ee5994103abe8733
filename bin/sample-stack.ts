import { Annotations, aws_ec2 as ec2, type aws_iam as iam, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import {
  AgentComponent, AgentConfig, CaptureBucket, CompilationJob, ComponentArchitecture, CredentialEndpoint, type Device,
  DeviceFleet, DeviceRole, DriftBaseline, EdgeDevice, FleetDeployment, Framework, GreengrassFleet, type IDeployableModel,
  type IGreengrassComponent, ModelComponent, ModelInput, ModelSource, OnnxModel, PackagingJob,
  PredictionDecoding, RoleAlias, SimulatedCoreDevice, SimulatedDevice, ThingType,
} from '../lib';
import type { SampleConfig } from './sample-config';
import { SampleHealth } from './sample-health';
import { parseProcessor, parseTarget } from './sample-target';

/** Properties of the sample. */
export interface SampleStackProps extends StackProps {
  readonly config: SampleConfig;
}

/** From a trained model to devices, by the delivery that the context chooses. Nothing in it outlives the stack. */
export class SampleStack extends Stack {
  public constructor(scope: Construct, id: string, props: SampleStackProps) {
    super(scope, id, props);
    const { config } = props;
    switch (config.delivery) {
      case 'direct':
        this.deliverDirectly(config);
        break;
      case 'edge-manager':
        this.deliverByEdgeManager(config);
        break;
      case 'greengrass':
        this.deliverByGreengrass(config);
        break;
    }
  }

  /** All of it deploys on AWS today. */
  private deliverDirectly(config: SampleConfig): void {
    const captureBucket = new CaptureBucket(this, 'Captures', { removalPolicy: RemovalPolicy.DESTROY });
    const deviceRole = new DeviceRole(this, 'DeviceRole', { captureBucket });
    const roleAlias = new RoleAlias(this, 'RoleAlias', { role: deviceRole });
    const thingType = new ThingType(this, 'ThingType');
    const devices = deviceIds(config).map((id) => new EdgeDevice(this, id, {
      deviceName: `${config.fleetName}-${id.toLowerCase()}`, fleetName: config.fleetName, thingType, roleAlias, captureBucket,
    }));
    const model = this.onnxModel('Model', config);
    Annotations.of(this).addInfo(
      'delivery=direct leaves out the compilation (Neo gives a DLR library, the agent runs ONNX) '
      + 'and the Edge Manager fleet and packaging (AWS retired them on 2024-04-26). '
      + 'The whole flow runs in the local cloud: npm run local',
    );
    this.finish(config, model, devices, captureBucket, this.health(config, model, deviceRole));
  }

  /** The flow of SageMaker Edge Manager. It runs in the local cloud; on AWS the service is gone. */
  private deliverByEdgeManager(config: SampleConfig): void {
    const compiled = new CompilationJob(this, 'Compile', {
      model: ModelSource.fromAsset(config.model),
      framework: Framework.onnx({ inputs: modelInputs(config) }),
      target: parseTarget(config.target),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const packaged = new PackagingJob(this, 'Package', {
      compilationJob: compiled,
      modelName: config.modelName,
      modelVersion: config.modelVersion,
    });
    const captureBucket = new CaptureBucket(this, 'Captures', { removalPolicy: RemovalPolicy.DESTROY });
    const fleet = new DeviceFleet(this, 'Fleet', { deviceFleetName: config.fleetName, captureBucket });
    const devices = deviceIds(config).map((id) => fleet.addDevice(id));
    for (const [construct, name] of [[packaged, 'PackagingJob'], [fleet, 'DeviceFleet']] as const) {
      Annotations.of(construct).acknowledgeWarning(`cdk-sagemaker-edge:${name}.serviceRetired`, 'asked for by delivery=edge-manager');
    }
    this.output('CompilationJobName', 'the Neo job', compiled.compilationJobName);
    this.output('CompiledArtifact', 'what the job made', compiled.modelArtifactUri);
    this.output('DeviceFleetName', 'the fleet', fleet.deviceFleetName);
    this.finish(config, packaged, devices, captureBucket, this.health(config, packaged, fleet.role));
  }

  /** All of it deploys on AWS today. The first device is a canary: what it cannot load reaches no other. */
  private deliverByGreengrass(config: SampleConfig): void {
    const { fleetName } = config;
    const processor = parseProcessor(config.target);
    const captureBucket = new CaptureBucket(this, 'Captures', { removalPolicy: RemovalPolicy.DESTROY });
    const fleet = new GreengrassFleet(this, 'Fleet', { fleetName, captureBucket });
    const canary = new GreengrassFleet(this, 'Canary', { fleetName: `${fleetName}-canary`, captureBucket, roleAlias: fleet.roleAlias });
    const devices = deviceIds(config).map((id, index) => (index === 0 ? canary : fleet).addDevice(id));
    const instanceClass = processor === ComponentArchitecture.AARCH64 ? ec2.InstanceClass.T4G : ec2.InstanceClass.T3;
    const machine = new SimulatedCoreDevice(this, 'Simulated', {
      device: firstOf(devices),
      instanceType: ec2.InstanceType.of(instanceClass, ec2.InstanceSize.SMALL),
    });

    const onnx = this.onnxModel('Onnx', config);
    const model = new ModelComponent(this, 'Model', { model: onnx, removalPolicy: RemovalPolicy.DESTROY });
    const agent = new AgentComponent(this, 'Agent', {
      models: [model],
      fleetName,
      captureBucket,
      architectures: [processor],
      artifactBucket: model.artifactBucket,
      removalPolicy: RemovalPolicy.DESTROY,
      config: agentConfig(this.health(config, onnx, fleet.role)),
    });
    const first = new FleetDeployment(this, 'CanaryDeployment', {
      fleet: canary,
      components: [agent],
      waitForDevices: Duration.minutes(20),
    });
    first.node.addDependency(machine);
    const all = new FleetDeployment(this, 'FleetDeployment', { fleet, components: [agent] });
    all.node.addDependency(first);
    Annotations.of(this).addInfo(
      'delivery=greengrass leaves out the compilation (Neo gives a DLR library, the agent runs ONNX). '
      + 'The first device is an EC2 machine in a thing group of its own, which the stack waits for; '
      + 'the others have a deployment that waits for them, until they run Greengrass',
    );

    this.output('Components', 'what the devices run', [model, agent, ...agent.dependencies.slice(1)].map(named).join(' '));
    this.output('CanaryDeploymentId', 'aws greengrassv2 get-deployment --deployment-id', first.deploymentId);
    this.output('FleetDeploymentId', 'aws greengrassv2 get-deployment --deployment-id', all.deploymentId);
    this.output('ThingGroup', 'a core device that joins it gets the components', fleet.thingGroupArn);
    this.output('CaptureLocation', 'where devices put what they capture, a folder each', captureBucket.captureUri);
    this.output('SimulatedDeviceInstance', 'plays the first device: aws ssm start-session --target', machine.instance.instanceId);
    this.output(
      'PredictAndCapture', 'in such a session: reads picture.png with the characters of keys.txt', predictCommand(agent, config.modelName),
    );
    this.output('DeviceNames', 'things and core devices of these names', devices.map(({ deviceName }) => deviceName).join(' '));
  }

  private onnxModel(id: string, { model, modelName, modelVersion, driftBaseline, ...config }: SampleConfig): OnnxModel {
    return new OnnxModel(this, id, {
      model: ModelSource.fromAsset(model), inputs: modelInputs(config), modelName, modelVersion,
      driftBaseline: driftBaseline === undefined ? undefined : DriftBaseline.fromFile(driftBaseline),
    });
  }

  private finish(
    config: SampleConfig, model: IDeployableModel, devices: (EdgeDevice | Device)[], captureBucket: CaptureBucket,
    health: SampleHealth | undefined,
  ): void {
    const first = firstOf(devices);
    for (const device of devices) {
      device.addCertificate();
    }
    const simulated = new SimulatedDevice(this, 'Simulated', {
      device: first, models: [model],
      agentConfig: agentConfig(health),
    });
    this.output('ModelPackage', 'the package that a device loads', model.modelArtifactUri);
    this.output('CaptureLocation', 'where devices put what they capture, a folder each', captureBucket.captureUri);
    const credentialsUrl = CredentialEndpoint.forStack(this).credentialsUrl(first.roleAlias);
    this.output('CredentialsUrl', 'where a device gets AWS credentials by its certificate', credentialsUrl);
    this.output('SimulatedDeviceInstance', 'plays the first device: aws ssm start-session --target', simulated.instance.instanceId);
    this.output('InputLocation', 'put a picture here before a prediction', simulated.inputUri);
    this.output('PredictAndCapture', 'reads picture.png with the characters of keys.txt', simulated.predictAndCaptureCommand({
      modelName: config.modelName, input: 'picture.png', decoding: PredictionDecoding.text('keys.txt'),
    }));
    this.output('DeviceNames', 'things and devices of these names', devices.map(({ deviceName }) => deviceName).join(' '));
  }

  /** Undefined where the context turns it off. */
  private health(config: SampleConfig, model: IDeployableModel, deviceRole?: iam.IRole): SampleHealth | undefined {
    if (!config.health) {
      return undefined;
    }
    const health = new SampleHealth(this, 'Health', { config, model, deviceRole });
    this.output('DashboardName', 'how the fleet is, on one page of CloudWatch', health.dashboardName);
    this.output('AlarmTopic', 'is told when the fleet is not well: aws sns subscribe --topic-arn', health.topicArn);
    return health;
  }

  private output(id: string, description: string, value: string): void {
    new CfnOutput(this, id, { description, value });
  }
}

function agentConfig(health?: SampleHealth): AgentConfig {
  // one capture at a time, so that a person who tries it sees each
  return new AgentConfig({ captureBatchSize: 1, health: health?.reporting });
}

function deviceIds({ deviceCount }: SampleConfig): string[] {
  return Array.from({ length: deviceCount }, (_, index) => `Camera${index + 1}`);
}

function firstOf<T>([first]: readonly T[]): T {
  if (first === undefined) {
    throw new Error('the sample has no device');
  }
  return first;
}

/** Runs the client that lies beside the agent on a core device. */
function predictCommand(agent: AgentComponent, modelName: string): string {
  const [runtime] = agent.dependencies.filter(({ componentName }) => componentName.startsWith(agent.componentName));
  const folder = `/greengrass/v2/packages/artifacts-unarchived/${runtime?.componentName ?? ''}/${runtime?.componentVersion ?? ''}/*`;
  const socket = agent.socketPath.replace('{kernel:rootPath}', '/greengrass/v2');
  const client = `node-24 ${folder}/agent-client.js -a ${socket}`;
  return `sudo sh -c '${client} PredictAndCapture ${modelName} picture.png --decode ctc --keys keys.txt'`;
}

function named({ componentName, componentVersion }: IGreengrassComponent): string {
  return `${componentName}:${componentVersion}`;
}

function modelInputs({ inputShapes }: Pick<SampleConfig, 'inputShapes'>): ModelInput[] | undefined {
  return inputShapes?.map(({ name, shape }) => ModelInput.tensor(name, shape));
}
