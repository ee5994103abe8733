import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { isRecord } from '../../../agent/config/reader';
import { AgentProcess, scratchFolder, waitFor } from '../support/agent-process';
import { identityModel, writePackage } from '../support/models';
import { floats } from '../support/tensors';

let server: Server;
let requests: { url: string; authorization: string; report: Record<string, unknown> }[];
let answer: () => number | undefined;
let agent: AgentProcess;
let folder: string;

beforeEach(async () => {
  requests = [];
  answer = () => 200;
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const report: unknown = JSON.parse(body);
      requests.push({ url: request.url ?? '', authorization: request.headers.authorization ?? '', report: isRecord(report) ? report : {} });
      const status = answer();
      if (status !== undefined) {
        response.writeHead(status, { 'content-type': 'application/json' }).end('{}');
      }
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  folder = scratchFolder();
});
afterEach(async () => {
  await agent.stop();
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

function start(): Promise<AgentProcess> {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return AgentProcess.start({
    folder,
    config: {
      sagemaker_edge_provider_provider: 'Custom', sagemaker_edge_heartbeat_period_seconds: 0,
      sagemaker_edge_core_iot_thing_name: 'thing:1', sagemaker_edge_health_rule: 'fleet_health',
      sagemaker_edge_health_ring: 'canary', sagemaker_edge_health_report_period_seconds: 1,
    },
    environment: { AWS_ENDPOINT_URL_IOT_DATA_PLANE: `http://127.0.0.1:${port}`, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
  });
}

function predictions(): number {
  const models = requests.flatMap(({ report }) => (Array.isArray(report.models) ? report.models.filter(isRecord) : []));
  return models.reduce((sum, { predictions: count }) => sum + Number(count), 0);
}

it('an agent publishes its predictions and failures to the topic of its thing, signed for IoT', async () => {
  agent = await start();
  await agent.calls.loadModel('alias', writePackage(join(folder, 'p'), identityModel('float32', [2]), { name: 'recogniser', version: '2.5' }));
  await agent.calls.predict('alias', [floats('x', [2])]);
  await expect(agent.calls.predict('alias', [])).rejects.toThrow();
  await waitFor('a report with the prediction', () => predictions() === 1);
  const [request] = requests.filter(({ report }) => JSON.stringify(report).includes('INVALID_ARGUMENT'));
  expect(decodeURIComponent(request?.url ?? '')).toBe('/topics/$aws/rules/fleet_health/health/thing:1?qos=1');
  expect(request?.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=test\/\d+\/us-east-1\/iotdata\/aws4_request/);
  expect(request?.report).toMatchObject({
    fleet: 'fleet-1', ring: 'canary', models: [{ name: 'recogniser', version: '2.5', errors: { INVALID_ARGUMENT: 1 } }],
  });
}, 60_000);

it('predictions and a stop go on while nobody answers, and the next run reports what is left', async () => {
  answer = () => undefined;
  agent = await start();
  await agent.calls.loadModel('alias', writePackage(join(folder, 'p'), identityModel('float32', [2])));
  await waitFor('a request', () => requests.length > 0);
  await expect(agent.calls.predict('alias', [floats('x', [2])])).resolves.toBeDefined();
  await agent.stop();
  requests = [];
  answer = () => 200;
  agent = await start();
  await waitFor('the prediction of the run before', () => predictions() === 1);
}, 60_000);
