import * as path from 'node:path';
import {
  App, aws_codecommit as codecommit, aws_ec2 as ec2, aws_iam as iam, aws_kms as kms, aws_s3 as s3, Stack,
} from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import * as library from '../../lib';
import {
  AgentComponent, CaptureBucket, CompilationJob, CompilationTarget, CompilerOptions, ComponentArchitecture, CredentialEndpoint,
  DeepLearningContainer, DeviceFleet, DeviceRole, DvcStore, EdgeDevice, EndpointAlarms, EndpointDashboard, EndpointImage,
  EndpointInstanceType, EndpointLoadTest, EndpointModel, ExperimentContainer, ExperimentObjective, ExperimentPipeline,
  ExperimentTracking, FleetAlarms, FleetDashboard, FleetDeployment, FleetHealth, Framework, GitRepository, GreengrassComponent,
  GreengrassFleet, GreengrassPreset, LabelingExport, LoadTestScenario, ModelComponent, ModelInput, ModelSource, MonitoredModel, OnnxModel,
  PackagingJob, RealTimeEndpoint, RoleAlias, SimulatedCoreDevice, SimulatedDevice, StudioDomain, StudioImage, StudioImageSource,
  StudioLifecycleConfig, StudioUser, TargetDevice, Thing, ThingType, type IDeployableModel,
} from '../../lib';
import { onnxBytes } from './onnx-bytes';
import { modelFile } from './temp-models';

interface Env { readonly account?: string; readonly region?: string }
const identity = { modelName: 'reader', modelVersion: '1.0' };

/** Model, identity, capture, direct delivery and Greengrass, made and imported. */
function aliveOnAws(env: Env): Stack {
  const stack = new Stack(new App(), 'Demo', { env });
  const model = ModelSource.fromAsset(modelFile('model.onnx', onnxBytes()));
  new CompilationJob(stack, 'Compile', {
    model,
    framework: Framework.onnx({ inputs: [ModelInput.tensor('x', [1, 3, 48, 320])] }),
    vpc: new ec2.Vpc(stack, 'Vpc', { maxAzs: 1 }),
    outputKey: new kms.Key(stack, 'Key'),
    tags: { team: 'edge' },
    target: CompilationTarget.device(TargetDevice.JETSON_NANO, {
      compilerOptions: CompilerOptions.nvidia({ gpuCode: 'sm_53', tensorRtVersion: '7.1.3', cudaVersion: '10.2' }),
    }),
  });
  const onnx = new OnnxModel(stack, 'Onnx', { model, ...identity });
  const trained = OnnxModel.fromBucket(stack, 'Trained', {
    bucket: s3.Bucket.fromBucketName(stack, 'Models', 'trained-models'), key: 'run-1/model.onnx', modelName: 'detector', modelVersion: '1.0',
  });

  const captureBucket = new CaptureBucket(stack, 'Captures');
  const roleAlias = new RoleAlias(stack, 'Alias', { role: new DeviceRole(stack, 'Role', { captureBucket }) });
  const camera = new EdgeDevice(stack, 'Camera', { fleetName: 'shop', roleAlias, captureBucket, thingType: new ThingType(stack, 'Type') });
  camera.addCertificate();
  new EdgeDevice(stack, 'Imported', {
    fleetName: 'shop',
    thing: Thing.fromThingName(stack, 'Thing', 'door'),
    roleAlias: RoleAlias.fromRoleAliasName(stack, 'OtherAlias', 'door'),
  }).addCertificate();
  expect(CredentialEndpoint.forStack(stack).credentialsUrl(roleAlias)).toBeDefined();
  new SimulatedDevice(stack, 'Simulated', { device: camera, models: [onnx, trained] });

  cloudSide(stack, model);
  experiments(stack);
  studio(stack);
  const fleet = new GreengrassFleet(stack, 'Fleet', { fleetName: 'demo', captureBucket });
  new SimulatedCoreDevice(stack, 'Core', { device: fleet.addDevice('Core1') });
  const component = new ModelComponent(stack, 'Component', { model: onnx });
  const agent = new AgentComponent(stack, 'Agent', {
    models: [component],
    fleetName: 'demo',
    captureBucket,
    architectures: [ComponentArchitecture.AMD64],
    artifactBucket: component.artifactBucket,
  });
  const own = new GreengrassComponent(stack, 'Own', { manifests: [{ lifecycle: { run: { script: 'true' } } }] });
  new FleetDeployment(stack, 'Deployment', { fleet, components: [agent, own] });
  const health = new FleetHealth(stack, 'Health', { fleetName: 'demo', models: [MonitoredModel.fromModel(onnx)], deviceRole: fleet.role });
  new FleetAlarms(stack, 'FleetAlarms', { health });
  new FleetDashboard(stack, 'FleetDashboard', { health });
  new LabelingExport(stack, 'Labels', { captureBucket, fleetName: 'demo', modelNames: ['reader'] }).onLabelsReady('Ready');
  return stack;
}

/** The endpoint in the cloud, with a container that all partitions have. */
function cloudSide(stack: Stack, model: ModelSource): void {
  const container = DeepLearningContainer.of({ repositoryName: 'huggingface-pytorch-inference', tag: '2.6.0-transformers4.51.3-cpu-py312' });
  const served = EndpointModel.fromImage({ image: EndpointImage.fromDeepLearningContainer(container), modelData: model });
  const endpoint = new RealTimeEndpoint(stack, 'Endpoint', { variants: [{ model: served, instanceType: EndpointInstanceType.M5_LARGE }], dataCapture: {} });
  endpoint.autoScale({ min: 1, max: 2 }).onInvocationsPerInstance(100);
  endpoint.addRollbackAlarms(...new EndpointAlarms(stack, 'EndpointAlarms', { endpoint }).alarms);
  new EndpointDashboard(stack, 'EndpointDashboard', { endpoint });
  new EndpointLoadTest(stack, 'LoadTest', { endpoint, scenario: LoadTestScenario.payload(modelFile('payload.json', '{}')) });
}

/** Versioned data, and what is done with them. */
function experiments(stack: Stack): void {
  const repository = new codecommit.Repository(stack, 'Code', { repositoryName: 'data' });
  const store = new DvcStore(stack, 'Store', { repository: GitRepository.fromCodeCommit(repository) });
  store.grantPush(new iam.Role(stack, 'Scientist', { assumedBy: new iam.AccountRootPrincipal() }));
  new ExperimentPipeline(stack, 'Pipeline', {
    store,
    processing: { folder: 'experiment-job', entryPoint: '__main__.py', outputs: ['data'], container: ExperimentContainer.PYTORCH_2_8_CPU },
    training: { folder: 'experiment-job', entryPoint: '__main__.py', metrics: { error: '(.)' }, container: ExperimentContainer.PYTORCH_2_8_CPU },
    objective: ExperimentObjective.minimize('error'),
    trials: [{ trialName: 'one' }],
  });
}

/** Studio and the tracking of experiments. */
function studio(stack: Stack): void {
  new ExperimentTracking(stack, 'Tracking', { automaticModelRegistration: true });
  const image = new StudioImage(stack, 'Image', {
    source: StudioImageSource.fromFolder(path.join(__dirname, 'experiments', 'studio-image')),
  });
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'StudioVpc', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] });
  const lifecycleConfig = new StudioLifecycleConfig(stack, 'Start', { script: 'true' });
  const domain = new StudioDomain(stack, 'Domain', { vpc, images: [image], lifecycleConfigs: [lifecycleConfig] });
  new StudioUser(stack, 'Ana', { domain }).addSpace('Lab', { image });
  new StudioUser(stack, 'Ben', { domain: StudioDomain.fromDomainId(stack, 'Existing', 'd-existing') }).addSpace('Lab', { image });
}

/** What Edge Manager was for: its regions were six of one partition, so that nothing but the lack of a region can bring it into another. */
function retired(): Stack {
  const stack = new Stack(new App(), 'Retired');
  const compiled = CompilationJob.fromCompilationJobAttributes(stack, 'Compiled', {
    compilationJobName: 'compiled',
    modelArtifactUri: 's3://compiled/model.tar.gz',
    modelArtifactBucket: new CaptureBucket(stack, 'Bucket').bucket,
  });
  const packaged: IDeployableModel = new PackagingJob(stack, 'Package', {
    compilationJob: compiled,
    ...identity,
    greengrass: GreengrassPreset.component(),
    resourceKey: new kms.Key(stack, 'Key'),
  });
  const device = new DeviceFleet(stack, 'Fleet').addDevice('Camera');
  device.addCertificate();
  new DeviceFleet(stack, 'Managed', { useManagedPolicy: true }).addDevice('Other');
  new SimulatedDevice(stack, 'Simulated', { device, models: [packaged] });
  return stack;
}

/** Service principals are the same in every partition; IAM maps them. A mapping has all regions. */
function text(stack: Stack): string {
  return JSON.stringify({ ...Template.fromStack(stack).toJSON(), Mappings: {} }).replace(/"(Service|Principal|iam:PassedToService)":("[a-z0-9.-]+\.amazonaws\.com"|\["[^\]]*"\])/g, '');
}

const REGION = /\b(us|eu|ap|ca|sa|cn|me|af|il|mx)(-gov|-iso[a-z]?)?-(north|south|east|west|central)[a-z]*-[0-9]/;

test.each(['cn-north-1', 'us-gov-west-1', 'eu-west-3'])('no construct has a partition, a DNS suffix or another region of its own in %s', (region) => {
  const template = text(aliveOnAws({ account: '111122223333', region }));
  expect(template.match(/.{40}arn:aws[a-z-]*:.{40}/g)).toBeNull();
  expect(template.match(/.{60}amazonaws\.com.{20}/g)).toBeNull();
  expect(template.replaceAll(region, '')).not.toMatch(REGION);
});

test.each([
  ['alive', () => aliveOnAws({})],
  ['retired', retired],
])('what is %s on AWS has none where the stack has no region', (_, make) => {
  const template = text(make());
  expect(template.match(/.{60}(arn:aws[a-z-]*:|amazonaws\.com).{20}/g)).toBeNull();
  expect(template).not.toMatch(REGION);
});

test('every construct of the library is among them', () => {
  const made = [aliveOnAws({}), retired()].flatMap((stack) => stack.node.findAll());
  const constructs = Object.values(library).flatMap(
    (exported) => (typeof exported === 'function' && exported.prototype instanceof Construct ? [exported] : []),
  );
  expect(constructs.length).toBeGreaterThan(15);
  const missing = constructs.filter(({ prototype }) => !made.some((each) => Object.prototype.isPrototypeOf.call(prototype, each)));
  expect(missing.map(({ name }) => name)).toEqual([]);
});
