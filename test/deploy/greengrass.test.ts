import * as fs from 'node:fs';
import * as path from 'node:path';
import {
  GetCoreDeviceCommand, GetDeploymentCommand, ListComponentsCommand, ListComponentVersionsCommand, ListCoreDevicesCommand,
  ListDeploymentsCommand, ListEffectiveDeploymentsCommand,
} from '@aws-sdk/client-greengrassv2';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { AgentCalls } from '../../agent/client/calls';
import type { MachineSummary } from '../../local/device/host';
import { capture, floats } from '../agent/support/tensors';
import { onnxBytes } from '../lib/onnx-bytes';
import { TestCloud } from './harness';
import { CLASSIFIER } from '../ocr-models';

const APP = { app: 'test/deploy/fixtures/greengrass-app.ts' };
const STACK = 'GreengrassFixture';
let cloud: TestCloud;

const machines = async (): Promise<MachineSummary[]> => await (await fetch(
  `${cloud.cloud.endpoints.devices}/machines`, { headers: cloud.control },
)).json() as MachineSummary[];
const greengrass = () => cloud.cloud.clients.greengrass;

/** What the agent says, by a connection of its own: each deployment may bring another agent. */
async function withAgent<T>(ask: (calls: AgentCalls) => Promise<T>): Promise<T> {
  const [machine] = await machines();
  const calls = new AgentCalls(machine?.socket ?? '', 10_000);
  try {
    return await ask(calls);
  } finally {
    calls.close();
  }
}
const served = async (): Promise<string | undefined> => withAgent(async (calls) => (await calls.listModels()).models[0]?.url);
const status = async (): Promise<string | undefined> => (await greengrass().send(new GetCoreDeviceCommand({
  coreDeviceThingName: 'fixture-camera',
}))).status;
const versions = async (component: string): Promise<(string | undefined)[]> => {
  const { components = [] } = await greengrass().send(new ListComponentsCommand({}));
  const arn = components.find(({ componentName }) => componentName === `${STACK}.${component}`)?.arn;
  if (arn === undefined) {
    return [];
  }
  return ((await greengrass().send(
    new ListComponentVersionsCommand({ arn }),
  )).componentVersions ?? []).map(({ componentVersion }) => componentVersion);
};

beforeAll(async () => {
  cloud = await TestCloud.start('greengrass');
  await cloud.deploy(APP);
});
afterAll(async () => {
  await cloud.stop();
});

test('the stack is complete when the device serves the model', async () => {
  const outputs = await cloud.outputs(STACK);
  expect(await served()).toContain(`${STACK}.Model/${outputs.ModelOutput ?? ''}/text-recogniser`);
  const { effectiveDeployments } = await greengrass().send(new ListEffectiveDeploymentsCommand({ coreDeviceThingName: 'fixture-camera' }));
  expect(effectiveDeployments).toMatchObject([{ deploymentId: outputs.DeploymentOutput, coreDeviceExecutionStatus: 'SUCCEEDED' }]);
});

test('a capture reaches the bucket under the device\'s own prefix, with the credentials of the token exchange', async () => {
  await withAgent((calls) => calls.captureData(capture('text-recogniser', { inputTensors: [floats('x', [2], [1, 2])] })));
  const { host: Bucket } = new URL((await cloud.outputs(STACK)).CapturesOutput ?? '');
  let keys: (string | undefined)[] = [];
  for (const end = Date.now() + 30_000; keys.length === 0 && Date.now() < end;) {
    keys = ((await cloud.cloud.clients.s3.send(new ListObjectsV2Command({ Bucket }))).Contents ?? []).map(({ Key }) => Key);
  }
  expect(keys[0]).toMatch(/^captures\/fixture-camera\/fixture\/text-recogniser\/\d{4}\/.*\.jsonl$/);
});

test('a supervisor of the agent that is killed is started again by the nucleus, and its agent serves', async () => {
  const [{ root } = { root: '' }] = await machines();
  const supervisor = (): number => {
    const file = path.join(root, 'work', `${STACK}.Agent`, 'supervisor.pid');
    return fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8')) : 0;
  };
  const killed = supervisor();
  process.kill(killed, 'SIGKILL');
  let model: string | undefined;
  for (const end = Date.now() + 60_000; model === undefined && Date.now() < end;) {
    await new Promise((resume) => {
      setTimeout(resume, 250);
    });
    model = [0, killed].includes(supervisor()) ? undefined : await served().catch(() => undefined);
  }
  expect(model).toContain(`${STACK}.Model/`);
  expect(await status()).toBe('HEALTHY');
}, 120_000);

test('recipes and artifacts are kept in the layout of a local deployment', async () => {
  const { ModelOutput: version = '' } = await cloud.outputs(STACK);
  const folder = path.join(cloud.cloud.folder.root, 'greengrass');
  expect(fs.existsSync(path.join(folder, 'recipes', `${STACK}.Model-${version}.json`))).toBe(true);
  expect(fs.existsSync(path.join(folder, 'artifacts', `${STACK}.Model`, version, 'text-recogniser.zip'))).toBe(true);
});

test('a new model takes the place of the old one, which goes', async () => {
  const [before] = await versions('Model');
  await cloud.deploy({ ...APP, context: { model: CLASSIFIER } });
  const { ModelOutput: version } = await cloud.outputs(STACK);
  expect(version).not.toBe(before);
  expect(await versions('Model')).toEqual([version]);
  expect(await served()).toContain(version);
});

test('a model that cannot be loaded fails the stack with the nucleus\'s words, the agent\'s are in its log; the old one serves, and is deployed again', async () => {
  const corrupt = path.join(cloud.cloud.folder.tmp, 'corrupt.onnx');
  fs.writeFileSync(corrupt, onnxBytes());
  const { ModelOutput: version = '', DeploymentOutput: deploymentId } = await cloud.outputs(STACK);
  const { code, output } = await cloud.tryDeploy({ ...APP, context: { model: corrupt } });
  expect(code).not.toBe(0);
  expect(output).toContain(
    'failed on 1 of 1 devices of fixture: fixture-camera: FAILED, '
    + `FAILED_ROLLBACK_COMPLETE: Service ${STACK}.Agent in broken state after deployment, `
    + 'DEPLOYMENT_FAILURE, COMPONENT_UPDATE_ERROR, COMPONENT_BROKEN',
  );
  const [{ root } = { root: '' }] = await machines();
  expect(fs.readFileSync(path.join(root, 'logs', `${STACK}.Agent.log`), 'utf8')).toContain('model text-recogniser cannot be loaded');
  expect(await cloud.stackStatus(STACK)).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await served()).toContain(version);
  const { deployments = [] } = await greengrass().send(new ListDeploymentsCommand({}));
  expect(deployments).toHaveLength(1);
  const latest = await greengrass().send(new GetDeploymentCommand({ deploymentId: deployments[0]?.deploymentId }));
  expect(latest).toMatchObject({ deploymentStatus: 'ACTIVE', components: { [`${STACK}.Model`]: { componentVersion: version } } });
  expect(latest.deploymentId).not.toBe(deploymentId); // CloudFormation would have left the group without one
}, 400_000);

test('a component that breaks after the deployment has succeeded fails the stack by its device\'s health; the device goes back, and is healthy', async () => {
  const { ModelOutput: version = '' } = await cloud.outputs(STACK);
  const { code, output } = await cloud.tryDeploy({ ...APP, context: { model: CLASSIFIER, crash: 'true' } });
  expect(code).not.toBe(0);
  expect(output).toMatch(/succeeded, but 1 of 1 core devices of fixture are not HEALTHY: fixture-camera: UNHEALTHY, reported at/);
  expect(await cloud.stackStatus(STACK)).toBe('UPDATE_ROLLBACK_COMPLETE');
  while (await status() !== 'HEALTHY') {
    await new Promise((resume) => {
      setTimeout(resume, 250);
    });
  }
  expect(await served()).toContain(version);
}, 400_000);

test('a machine whose setup fails says why, and the one before goes on', async () => {
  const [before] = await machines();
  const { code, output } = await cloud.tryDeploy({ ...APP, context: { model: CLASSIFIER, setup: 'denied' } });
  expect(code).not.toBe(0);
  const failure = /device fixture-camera failed: the setup of the machine failed: (.*)/;
  expect(failure.exec(output)?.[1]).toContain('not authorized to perform: secretsmanager:GetSecretValue');
  expect(await cloud.stackStatus(STACK)).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect((await machines()).map(({ instanceId }) => instanceId)).toEqual([before?.instanceId]);
  expect(await served()).toContain((await cloud.outputs(STACK)).ModelOutput);
}, 400_000);

test('a retained version makes way when its content comes back', async () => {
  await cloud.deploy({ ...APP, context: { model: CLASSIFIER, removal: 'retain' } });
  await cloud.deploy({ ...APP, context: { removal: 'retain' } });
  expect(await versions('Model')).toHaveLength(2);
  await cloud.deploy({ ...APP, context: { model: CLASSIFIER, removal: 'retain' } });
  expect(await served()).toContain((await cloud.outputs(STACK)).ModelOutput);
  await cloud.deploy({ ...APP, context: { model: CLASSIFIER } });
});

test('every call of a handler was allowed', () => {
  expect(cloud.requests().filter(({ service, status }) => service === 'GreengrassV2' && status === 403)).toEqual([]);
});

test('the stack removes the components from the device, and leaves nothing behind but the version that was replaced while it was to be retained', async () => {
  const log = path.join(cloud.cloud.folder.logs, 'device-fixture-camera.log');
  await cloud.destroy(APP);
  expect(fs.readFileSync(log, 'utf8').trim().split('\n').at(-1)).toContain('SUCCESSFUL');
  expect(await machines()).toEqual([]);
  expect((await greengrass().send(new ListCoreDevicesCommand({}))).coreDevices).toEqual([]);
  expect((await greengrass().send(new ListDeploymentsCommand({ historyFilter: 'ALL' }))).deployments).toEqual([]);
  expect(await cloud.leftovers()).toEqual(['component GreengrassFixture.Model']);
});
