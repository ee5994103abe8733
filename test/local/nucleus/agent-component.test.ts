import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { AgentComponent } from '../../../lib/greengrass/agent-component';
import { ComponentArchitecture } from '../../../lib/greengrass/component-platform';
import { ModelComponent } from '../../../lib/greengrass/model-component';
import { ModelSource } from '../../../lib/model/model-source';
import { OnnxModel } from '../../../lib/model/onnx-model';
import { writeZip } from '../../../lib/private/archive/zip';
import { tokenExchangeRecipe } from '../../../local/nucleus/token-exchange';
import { NucleusFixture, OTHER_USER } from './nucleus-fixture';
import { DETECTOR, RECOGNISER } from '../../ocr-models';

const BUNDLES = path.join(__dirname, '..', '..', '..', 'assets', 'agent');
const AGENT = 'Stack.Agent';

interface Emitted { readonly agentVersion: string; readonly modelVersion: string }

/** Synthesizes the agent with a model, and puts what would be in S3 and Greengrass into the fixture. */
function emit(fixture: NucleusFixture, model: string, startSeconds = 60): Emitted {
  const app = new App({ outdir: fs.mkdtempSync(path.join(fixture.folder, 'cdk-')) });
  const stack = new Stack(app, 'Stack');
  const component = new ModelComponent(stack, 'Model', {
    model: new OnnxModel(stack, 'Onnx', { model: ModelSource.fromAsset(model), modelName: 'text-recogniser', modelVersion: '1.0' }),
  });
  const agent = new AgentComponent(stack, 'Agent', {
    models: [component], fleetName: 'fleet', startTimeout: Duration.seconds(startSeconds),
    architectures: [process.arch === 'x64' ? ComponentArchitecture.AMD64 : ComponentArchitecture.AARCH64],
  });
  fixture.addRecipe(JSON.parse(tokenExchangeRecipe('2.0.3')) as Record<string, unknown>);
  const template = Template.fromStack(stack);
  for (const {
    Properties: { InlineRecipe: recipe },
  } of Object.values(
    template.findResources('AWS::GreengrassV2::ComponentVersion'),
  ) as { Properties: { InlineRecipe: { 'Fn::Join': [string, (string | object)[]] } } }[]) {
    const text = recipe['Fn::Join'][1].map((part) => (typeof part === 'string' ? part : 'bucket')).join('');
    fixture.addRecipe(JSON.parse(text) as Record<string, unknown>);
  }
  for (const { Properties: { Copies: copies } } of Object.values(template.findResources('Custom::SageMakerEdge-ComponentArtifacts')) as { Properties: { Copies: { SourceKey: string; Key: string }[] } }[]) {
    for (const { SourceKey, Key } of copies) {
      fixture.objects.set(`s3://bucket/${Key}`, fs.readFileSync(path.join(app.outdir, `asset.${SourceKey}`)));
    }
  }
  return { agentVersion: agent.componentVersion, modelVersion: component.componentVersion };
}

describe('the agent as a component', () => {
  let fixture: NucleusFixture;
  let first: Emitted;

  const client = async (...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      path.join(BUNDLES, 'agent-client.js'),
      '-a',
      path.join(fixture.folder, 'root', 'work', AGENT, 'agent.sock'),
      '--json',
      ...args,
    ]);
    return stdout;
  };
  const work = (...parts: string[]): string[] => ['root', 'work', AGENT, ...parts];

  beforeAll(async () => {
    fixture = new NucleusFixture(OTHER_USER === undefined ? {} : { user: OTHER_USER });
    first = emit(fixture, RECOGNISER);
    expect(await fixture.deploy({ [AGENT]: first.agentVersion })).toEqual({ status: 'SUCCESSFUL' });
  }, 120_000);
  afterAll(async () => {
    await fixture.close();
  }, 60_000);

  test('serves its models when the deployment has succeeded', async () => {
    expect(JSON.parse(await client('ListModels'))).toMatchObject({ models: [{ name: 'text-recogniser' }] });
  });

  test('has the name of its thing, and numbers where the agent wants numbers', () => {
    const config = JSON.parse(fixture.read(...work('agent.json'))) as unknown;
    expect(config).toMatchObject({
      sagemaker_edge_core_device_name: 'camera-1',
      sagemaker_edge_core_capture_data_buffer_size: 30,
      sagemaker_edge_core_folder_prefix: 'camera-1',
    });
  });

  const pidOf = (file: string): number => (fixture.exists(...work(file)) ? Number(fixture.read(...work(file))) : 0);
  const serves = async (): Promise<boolean> => (await client('ListModels').catch(() => '')).includes('"name":"text-recogniser"');
  /** What the kernel knows of a process that has not been waited for is not alive. */
  const lives = (pid: number): boolean => fs.existsSync(`/proc/${pid}/cmdline`) && fs.readFileSync(`/proc/${pid}/cmdline`).length > 0;

  test('is started again by its supervisor, with its models, when it dies', async () => {
    const supervisor = pidOf('supervisor.pid');
    const agent = pidOf('agent.pid');
    process.kill(agent, 'SIGKILL');
    await until(async () => pidOf('agent.pid') !== agent && await serves());
    expect(pidOf('supervisor.pid')).toBe(supervisor);
  }, 60_000);

  test.each(['SIGKILL', 'SIGTERM'] as const)('is started again by the nucleus when its supervisor gets %s, and no process of before is left', async (signal) => {
    const supervisor = pidOf('supervisor.pid');
    const agent = pidOf('agent.pid');
    process.kill(supervisor, signal);
    await until(async () => ![0, supervisor].includes(pidOf('supervisor.pid')) && await serves());
    await until(() => fixture.nucleus.states()[AGENT]?.state === 'RUNNING');
    expect([lives(supervisor), lives(agent)]).toEqual([false, false]);
  }, 60_000);

  test('a new model takes the place of the old one', async () => {
    const second = emit(fixture, DETECTOR);
    expect(second.modelVersion).not.toBe(first.modelVersion);
    expect(await fixture.deploy({ [AGENT]: second.agentVersion })).toEqual({ status: 'SUCCESSFUL' });
    expect(await client('DescribeModel', 'text-recogniser')).toContain(second.modelVersion);
    expect(await fixture.deploy({ [AGENT]: first.agentVersion })).toEqual({ status: 'SUCCESSFUL' });
  }, 120_000);

  test('a corrupt model fails the deployment, the agent\'s own words are in the log, and the old one goes on', async () => {
    const corrupt = emit(fixture, DETECTOR);
    const uri = `s3://bucket/Stack.Model/${corrupt.modelVersion}/text-recogniser.zip`;
    const unpacked = path.join(
      fixture.folder, 'root', 'packages', 'artifacts-unarchived', 'Stack.Model', corrupt.modelVersion, 'text-recogniser',
    );
    const files = fs.readdirSync(unpacked).map((name) => ({ path: name, content: fs.readFileSync(path.join(unpacked, name)) }));
    const [model] = files.filter((file) => file.path.endsWith('.onnx'));
    model?.content.writeUInt8(model.content.readUInt8(100_000) ^ 0xff, 100_000);
    fixture.objects.set(uri, writeZip(files) ?? Buffer.alloc(0));
    fs.rmSync(path.join(fixture.folder, 'root', 'packages', 'artifacts', 'Stack.Model', corrupt.modelVersion), { recursive: true });
    const outcome = await fixture.deploy({ [AGENT]: corrupt.agentVersion });
    expect(outcome).toMatchObject({
      status: 'FAILED_ROLLBACK_COMPLETE',
      reason: `Service ${AGENT} in broken state after deployment`,
    });
    expect(fixture.read('root', 'logs', `${AGENT}.log`)).toMatch(/model text-recogniser cannot be loaded: FAILED_PRECONDITION/);
    expect(await client('DescribeModel', 'text-recogniser')).toContain(first.modelVersion);
  }, 180_000);
});

test('an agent that cannot start fails the deployment at once, and says why in the log', async () => {
  const deep = fs.mkdtempSync(path.join(os.tmpdir(), 'd'.repeat(100)));
  const fixture = new NucleusFixture({ parent: deep });
  try {
    const { agentVersion } = emit(fixture, RECOGNISER, 3600);
    expect(await fixture.deploy({ [AGENT]: agentVersion })).toMatchObject({ status: 'FAILED_ROLLBACK_COMPLETE' });
    expect(fixture.read('root', 'logs', `${AGENT}.log`)).toMatch(/the agent ended at once.*a socket's path may have 107 bytes/);
  } finally {
    await fixture.close();
    fs.rmSync(deep, { recursive: true });
  }
}, 120_000);

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !await condition(); tries++) {
    if (tries > 300) {
      throw new Error('it did not happen within 300 tries');
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
  }
}
