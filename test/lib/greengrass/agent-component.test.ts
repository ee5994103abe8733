import { aws_s3 as s3, Duration, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import {
  AgentComponent,
  AgentConfig,
  AgentRelease,
  CaptureBucket,
  ComponentArchitecture,
  ModelComponent,
  type AgentComponentProps,
  type IModelComponent,
} from '../../../lib';
import { onnxBytes } from '../onnx-bytes';
import { modelFolder } from '../temp-models';
import { newStack, onnxModel, recipe, recipes } from './fixture';

const NAME = 'Stack.Agent';
let stack: Stack;
let model: IModelComponent;
beforeEach(() => {
  stack = newStack();
  model = ModelComponent.fromModelComponentAttributes(stack, 'Model', {
    componentName: 'my.model',
    componentVersion: '1.0.7',
    modelName: 'recogniser',
  });
});

const release = (): AgentRelease => AgentRelease.fromAsset(modelFolder({ 'agent.js': '1', 'agent-client.js': '2' }));
const agent = (props: Partial<AgentComponentProps> = {}): AgentComponent =>
  new AgentComponent(stack, 'Agent', { models: [model], fleetName: 'fleet', release: release(), ...props });
const configuration = (): Record<string, unknown> => recipe(stack, NAME).ComponentConfiguration?.DefaultConfiguration ?? {};

describe('the agent component', () => {
  test('needs its models, its program and the token exchange, each in exactly its version', () => {
    const component = agent();
    expect(recipe(stack, NAME).ComponentDependencies).toEqual({
      'my.model': { VersionRequirement: '=1.0.7', DependencyType: 'SOFT' },
      'Stack.Agent.runtime': { VersionRequirement: expect.stringMatching(/^=1\.\d{1,4}\.\d{1,6}$/) as string, DependencyType: 'SOFT' },
      'aws.greengrass.TokenExchangeService': { VersionRequirement: '=2.0.3', DependencyType: 'HARD' },
    });
    expect(component.dependencies.map(({ componentName }) => componentName)).toEqual([
      'my.model',
      'Stack.Agent.runtime',
      'aws.greengrass.TokenExchangeService',
    ]);
  });

  test.each([0, 1])('knows its models, its program and its socket under both kinds of nucleus: manifest %i', (index) => {
    agent();
    expect(recipe(stack, NAME).Manifests[index]?.Lifecycle).toMatchObject({
      Setenv: {
        EDGE_AGENT_CONFIG: '{configuration:/agent}',
        EDGE_AGENT_NODE: '{configuration:/node}',
        EDGE_AGENT_START_SECONDS: '300',
        EDGE_AGENT_MODELS: 'recogniser={kernel:rootPath}/packages/artifacts-unarchived/my.model/1.0.7/recogniser',
        EDGE_AGENT_RELEASE: expect.stringMatching(
          /^\{kernel:rootPath\}\/packages\/artifacts-unarchived\/Stack\.Agent\.runtime\/1\.\d{1,4}\.\d{1,6}$/,
        ) as string,
        EDGE_AGENT_SOCKET: '{kernel:rootPath}/work/Stack.Agent/agent.sock',
      },
    });
  });

  test('under nucleus classic it starts by a step that becomes the supervisor, and stops by another', () => {
    agent();
    expect(recipe(stack, NAME).Manifests[1]?.Lifecycle).toEqual({
      Setenv: expect.any(Object) as object,
      startup: { Script: 'exec sh "{artifacts:decompressedPath}/launcher/start.sh"', Timeout: 375 },
      shutdown: { Script: 'sh "{artifacts:decompressedPath}/launcher/stop.sh"', Timeout: 45 },
    });
  });

  test('under nucleus lite it tries the models before the version before is stopped, and starts by a step that becomes the agent', () => {
    agent();
    expect(recipe(stack, NAME).Manifests[0]?.Lifecycle).toEqual({
      Setenv: expect.any(Object) as object,
      install: { Script: 'sh "{artifacts:decompressedPath}/launcher/check.sh"', Timeout: 330 },
      startup: { Script: 'exec sh "{artifacts:decompressedPath}/launcher/start.sh"', Timeout: 330 },
    });
  });

  test('has no manifest for nucleus lite where it is left out, and then takes more models', () => {
    const models = Array.from({ length: 30 }, (_, index) => ModelComponent.fromModelComponentAttributes(stack, `Model${index}`, {
      componentName: `my.model.with.a.long.name.${index}`, componentVersion: '1.2345.678901', modelName: `recogniser-${index}`,
    }));
    expect(() => agent({ models })).toThrow(/a recipe for nucleus lite must have at most 8195 bytes.*or leave nucleus lite out/);
    stack.node.tryRemoveChild('Agent');
    agent({ models, nucleusLite: false });
    expect(recipe(stack, NAME).Manifests.map(({ Platform }) => Platform)).toEqual([{ os: 'linux', runtime: '*' }]);
  });

  test('a new model does not bring a new copy of the program', () => {
    const versions = [onnxBytes(), onnxBytes({ weights: ['other'] })].map((content) => {
      stack = newStack();
      model = new ModelComponent(stack, 'Model', { model: onnxModel(stack, 'Onnx', content) });
      const { componentVersion, dependencies } = agent();
      return { agent: componentVersion, runtime: dependencies[1]?.componentVersion };
    });
    expect(versions[0]?.runtime).toBe(versions[1]?.runtime);
    expect(versions[0]?.agent).not.toBe(versions[1]?.agent);
  });

  test('has its configuration as text, and the device\'s name left open', () => {
    const captureBucket = CaptureBucket.fromBucketName(stack, 'Captures', 'captures');
    agent({ captureBucket, config: new AgentConfig({ captureBufferSize: 10 }) });
    expect(configuration()).toMatchObject({
      node: '',
      agent: {
        sagemaker_edge_core_device_fleet_name: 'fleet',
        sagemaker_edge_core_capture_data_buffer_size: '10',
        sagemaker_edge_core_capture_data_destination: 'Cloud',
        sagemaker_edge_provider_s3_bucket_name: 'captures',
        sagemaker_edge_core_folder_prefix: 'captures/@thing@',
      },
    });
  });

  test('captures go to disk without a bucket', () => {
    agent();
    expect(configuration()).toMatchObject({ agent: { sagemaker_edge_core_capture_data_destination: 'Disk' } });
  });

  test('given settings are used', () => {
    agent({
      nodePath: '/opt/node/bin/node',
      startTimeout: Duration.minutes(1),
      tokenExchangeVersion: '2.0.4',
      architectures: [ComponentArchitecture.AARCH64],
      componentName: 'com.example.agent',
    });
    const found = recipe(stack, 'com.example.agent');
    expect(found.ComponentConfiguration?.DefaultConfiguration).toMatchObject({ node: '/opt/node/bin/node' });
    expect(found.Manifests.map(({ Platform }) => Platform.architecture)).toEqual(['aarch64', 'aarch64']);
    expect(found.Manifests[0]?.Lifecycle).toMatchObject({ Setenv: { EDGE_AGENT_START_SECONDS: '60' } });
    expect(found.ComponentDependencies).toMatchObject({ 'aws.greengrass.TokenExchangeService': { VersionRequirement: '=2.0.4' } });
  });

  test('the program is for both processors, and readable by the agent', () => {
    agent();
    expect(recipe(stack, 'Stack.Agent.runtime').Manifests).toMatchObject(
      ['amd64', 'aarch64'].flatMap((architecture) => ['aws_nucleus_lite', '*'].map((runtime) => ({
        Platform: { os: 'linux', architecture, runtime },
        Lifecycle: runtime === '*' ? {} : { run: { Script: 'exec sleep infinity' } },
        Artifacts: [{ Uri: expect.stringContaining(`/agent-${architecture}.zip`) as string, Permission: { Read: 'ALL' } }],
      }))),
    );
  });

  test('its default name is shortened with a hash where the path is long: the path of its socket has a limit', () => {
    const scope = new Construct(stack, 'x'.repeat(70));
    const { componentName } = new AgentComponent(scope, 'Agent', { models: [model], fleetName: 'fleet', release: release() });
    expect(componentName).toMatch(/^Stack\.x+\.[0-9a-f]{8}$/);
    expect(componentName.length).toBeLessThanOrEqual(76);
  });

  test('all recipes keep the rules that were seen on nucleus classic 2.18.2 and nucleus lite 2.6.0', () => {
    model = new ModelComponent(stack, 'Local', { model: onnxModel(stack) });
    agent();
    expect(recipes(stack).map(({ ComponentName }) => ComponentName).sort()).toEqual(['Stack.Agent', 'Stack.Agent.runtime', 'Stack.Local']);
    for (const found of recipes(stack)) {
      expect(found.ComponentVersion).toMatch(/^\d{1,6}\.\d{1,6}\.\d{1,6}$/); // classic takes no longer part, lite no hyphen
      expect(JSON.stringify(found).length).toBeLessThan(8196);
      found.Manifests.forEach(({ Platform: { runtime }, Lifecycle: steps }, index) => {
        expect(runtime).toBe(index % 2 === 0 ? 'aws_nucleus_lite' : '*');
        const step = (steps.run ?? steps.startup) as { Script: string } | undefined;
        expect(runtime === '*' || step?.Script.startsWith('exec ')).toBe(true); // lite ends what is left in the background
      });
    }
  });

  test('agent and program share a bucket', () => {
    agent();
    Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 1);
  });

  test.each<[string, () => Partial<AgentComponentProps>, RegExp]>([
    ['there are no models', () => ({ models: [] }), /models must have at least one, got none/],
    ['two models have one name', () => ({ models: [model, model] }), /different names.*got 'recogniser' twice/],
    ['there are no architectures', () => ({ architectures: [] }), /architectures must name at least one/],
    [
      'there is no ONNX Runtime for an architecture',
      () => ({ architectures: [ComponentArchitecture.ARM] }),
      /architectures must be AMD64 or AARCH64.*got arm/,
    ],
    [
      'the release is no zip',
      () => ({ release: AgentRelease.fromBucket(s3.Bucket.fromBucketName(stack, 'B', 'releases'), 'agent.tar.gz', 'a'.repeat(64)) }),
      /release must be a folder or a zip.*got agent\.tar\.gz/,
    ],
    ['the path of node has a blank', () => ({ nodePath: '/opt/my node' }), /nodePath must be an absolute path without blanks/],
    ['the start may take no time', () => ({ startTimeout: Duration.seconds(5) }), /startTimeout in seconds must be a whole number from 30/],
    ['the fleet has no valid name', () => ({ fleetName: 'a b' }), /fleetName must be/],
    [
      'the name leaves no room for a socket',
      () => ({ componentName: 'x'.repeat(72) }),
      /at most 107 bytes, got 108 in '\/var\/lib\/greengrass\/work\/x{72}\/agent\.sock': give a name of at most 71 characters/,
    ],
  ])('fails when %s', (_, props, message) => {
    expect(() => agent(props())).toThrow(message);
  });
});
