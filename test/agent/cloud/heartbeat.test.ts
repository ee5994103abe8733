import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { isRecord } from '../../../agent/config/reader';
import { AgentProcess, scratchFolder, waitFor } from '../support/agent-process';
import { identityModel, writePackage } from '../support/models';
import { capture, floats } from '../support/tensors';

let server: Server;
let beats: Record<string, unknown>[];
let answer: number;
let agent: AgentProcess;
beforeEach(async () => {
  beats = [];
  answer = 200;
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      const beat: unknown = JSON.parse(body);
      if (request.url === '/SendHeartbeat' && isRecord(beat)) {
        beats.push(beat);
      }
      response.writeHead(answer, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const folder = scratchFolder();
  agent = await AgentProcess.start({
    folder,
    config: {
      sagemaker_edge_provider_provider: 'Custom', sagemaker_edge_heartbeat_period_seconds: 1,
      sagemaker_edge_models: [{ name: 'alias', path: writePackage(join(folder, 'p'), identityModel('float32', [2]), { name: 'recogniser', version: '2.5' }) }],
    },
    environment: { AWS_ENDPOINT_URL_SAGEMAKER_EDGE: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`, AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' },
  });
}, 60_000);
afterEach(async () => {
  await agent.stop();
  server.closeAllConnections();
  await new Promise((resolve) => {
    server.close(resolve);
  });
});

it('heartbeats carry device, fleet, models and the times of their latest inference and sample', async () => {
  await agent.waitForLog('Model:alias loaded!');
  await agent.calls.predict('alias', [floats('x', [2])]);
  await agent.calls.captureData(capture('alias'));
  await waitFor('a heartbeat', () => JSON.stringify(beats.at(-1) ?? {}).includes('LatestSampleTime'));
  const beat = beats.at(-1) ?? {};
  expect(beat).toMatchObject({ AgentVersion: '0.1.0', DeviceName: 'camera-1', DeviceFleetName: 'fleet-1', Models: [{ ModelName: 'recogniser', ModelVersion: '2.5' }] });
  const [model] = Array.isArray(beat.Models) ? beat.Models.filter(isRecord) : [];
  expect(Math.abs(Number(model?.LatestInference) - Date.now() / 1000)).toBeLessThan(60);
  expect(JSON.stringify(beat.AgentMetrics)).toContain('"MetricName":"CaptureQueue"');
}, 30_000);

it('a service that does not answer is logged once and asked less and less; predictions go on', async () => {
  answer = 500;
  await waitFor('two heartbeats', () => beats.length >= 2);
  await agent.waitForLog('Model:alias loaded!');
  await expect(agent.calls.predict('alias', [floats('x', [2])])).resolves.toBeDefined();
  expect(agent.logs('a heartbeat was not answered').filter((entry) => entry.level === 'warn').length).toBeLessThanOrEqual(1);
}, 30_000);
