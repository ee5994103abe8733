import { join } from 'node:path';
import { AgentProcess, scratchFolder, waitFor } from '../support/agent-process';
import { IotServer } from '../support/iot-server';
import { identityModel, writePackage } from '../support/models';
import { floats } from '../support/tensors';

let iot: IotServer;
let agent: AgentProcess;
let folder: string;

beforeEach(async () => {
  iot = await IotServer.start();
  folder = scratchFolder();
});
afterEach(async () => {
  await agent.stop();
  await iot.stop();
});

function start(): Promise<AgentProcess> {
  return AgentProcess.start({
    folder,
    config: {
      sagemaker_edge_provider_provider: 'Custom', sagemaker_edge_heartbeat_period_seconds: 0,
      sagemaker_edge_core_iot_thing_name: 'thing:1', sagemaker_edge_health_rule: 'fleet_health',
      sagemaker_edge_health_ring: 'canary', sagemaker_edge_health_report_period_seconds: 1,
    },
    environment: iot.environment,
  });
}

function predictions(): number {
  return iot.models.reduce((sum, { predictions: count }) => sum + Number(count), 0);
}

it('an agent publishes its predictions and failures to the topic of its thing, signed for IoT', async () => {
  agent = await start();
  await agent.calls.loadModel('alias', writePackage(join(folder, 'p'), identityModel('float32', [2]), { name: 'recogniser', version: '2.5' }));
  await agent.calls.predict('alias', [floats('x', [2])]);
  await expect(agent.calls.predict('alias', [])).rejects.toThrow();
  const failed = (): typeof iot.published => iot.published.filter(({ report }) => JSON.stringify(report).includes('INVALID_ARGUMENT'));
  await waitFor('reports with the prediction and the failure', () => predictions() === 1 && failed().length > 0); // a period may end between
  const [request] = failed();
  expect(decodeURIComponent(request?.url ?? '')).toBe('/topics/$aws/rules/fleet_health/health/thing:1?qos=1');
  expect(request?.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=test\/\d+\/us-east-1\/iotdata\/aws4_request/);
  expect(request?.report).toMatchObject({
    fleet: 'fleet-1', ring: 'canary', models: [{ name: 'recogniser', version: '2.5', errors: { INVALID_ARGUMENT: 1 } }],
  });
}, 60_000);

it('predictions and a stop go on while nobody answers, and the next run reports what is left', async () => {
  iot.answer = () => undefined;
  agent = await start();
  await agent.calls.loadModel('alias', writePackage(join(folder, 'p'), identityModel('float32', [2])));
  await waitFor('a request', () => iot.published.length > 0);
  await expect(agent.calls.predict('alias', [floats('x', [2])])).resolves.toBeDefined();
  await agent.stop();
  iot.published = [];
  iot.answer = () => 200;
  agent = await start();
  await waitFor('the prediction of the run before', () => predictions() === 1);
}, 60_000);
