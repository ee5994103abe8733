import { join } from 'node:path';
import { DataType } from '../../agent/generated/agent';
import { STOP_LIMIT_MS } from '../../agent/agent';
import { agentUnit } from '../../agent/bootstrap/agent-unit';
import { DevicePaths } from '../../agent/bootstrap/paths';
import { launcherFiles } from '../../lib/greengrass/private/launcher';
import { wholeOf } from '../../lib/private/archive/content';
import { AgentHere } from './support/agent-here';
import { AgentProcess, scratchFolder, waitFor } from './support/agent-process';
import { slowModel, writePackage } from './support/models';
import { cloudSettings, S3Server } from './support/s3-server';
import { capture, tensor } from './support/tensors';

const LIMIT_MS = 700;
let folder: string;
beforeEach(() => {
  folder = scratchFolder();
});

/** Milliseconds of a stop. */
async function stopped(agent: AgentHere): Promise<number> {
  const start = Date.now();
  await agent.stop();
  return Date.now() - start;
}

it.each(['Cloud', 'Disk'])('a stop waits no longer than its limit for a bucket that never answers (captures to %s), and loses nothing', async (destination) => {
  const s3 = await S3Server.start();
  s3.mode = 'silent';
  const { config, environment } = cloudSettings(s3);
  const toDisk = { sagemaker_edge_core_capture_data_disk_path: join(folder, 'disk'), sagemaker_edge_core_capture_data_periodic_upload: true, sagemaker_edge_core_capture_data_periodic_upload_period_seconds: 1 };
  const settings = { ...config, ...(destination === 'Disk' ? toDisk : {}), sagemaker_edge_core_capture_data_destination: destination };
  Object.assign(process.env, environment, { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' }); // the SDK reads its credentials there
  const agent = await AgentHere.start({ folder, config: settings, environment, stopLimitMs: LIMIT_MS });
  const request = capture('m');
  await agent.calls.captureData(request);
  await waitFor('an upload under way', () => s3.attempts > 0);
  expect(await stopped(agent)).toBeLessThan(LIMIT_MS + 10_000); // a call has 5 s to end, a request a minute
  s3.cut();
  s3.mode = 'serve';
  const next = await AgentProcess.start({ folder, config: settings, environment: { ...environment } });
  await next.stop();
  expect(s3.ids()).toEqual([request.captureId]);
  await s3.close();
}, 60_000);

it('a stop drops the predictions that wait', async () => {
  const agent = await AgentHere.start({ folder });
  await agent.calls.loadModel('slow', writePackage(join(folder, 'slow'), slowModel()));
  const sides = tensor('x', DataType.INT64, [2], BigInt64Array.of(3000n, 3000n)); // about a second
  const start = Date.now();
  await agent.calls.predict('slow', [sides]);
  const one = Date.now() - start;
  const waiting = Promise.allSettled(Array.from({ length: 60 }, () => agent.calls.predict('slow', [sides])));
  await agent.calls.listModels();
  expect(await stopped(agent)).toBeLessThan(5000 + 20 * one);
  expect((await waiting).filter(({ status }) => status === 'rejected').length).toBeGreaterThan(30);
}, 120_000);

it('whoever stops an agent waits longer than it may take', () => {
  const unit = agentUnit({ paths: new DevicePaths('/var/lib/e', '/run/e'), node: 'node', user: 'e' });
  expect(Number(/^TimeoutStopSec=(\d+)s$/m.exec(unit)?.[1]) * 1000).toBeGreaterThan(STOP_LIMIT_MS);
  const content = launcherFiles([]).find(({ path }) => path.endsWith('stop.sh'))?.content;
  const script = content && wholeOf(content).toString();
  const [, rounds, seconds] = /waited" -lt (\d+) \]; do sleep ([\d.]+);/.exec(script ?? '') ?? [];
  expect(Number(rounds) * Number(seconds) * 1000).toBeGreaterThan(STOP_LIMIT_MS);
});
