import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { CaptureDataStatus } from '../../../agent/generated/agent';
import { AgentProcess, filesBelow, scratchFolder, waitFor } from '../support/agent-process';
import { cloudSettings, idsIn, S3Server } from '../support/s3-server';
import { refusal } from '../support/refusal';
import { capture, floats } from '../support/tensors';

let s3: S3Server;
let folder: string;
let agent: AgentProcess | undefined;
beforeEach(async () => {
  s3 = await S3Server.start();
  folder = scratchFolder();
});
afterEach(async () => {
  await agent?.stop('SIGKILL');
  await s3.close();
});

async function start(config: Record<string, unknown> = {}): Promise<AgentProcess> {
  const settings = cloudSettings(s3);
  agent = await AgentProcess.start({ folder, environment: settings.environment, config: { ...settings.config, ...config } });
  return agent;
}

async function captureMany(running: AgentProcess, model: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let index = 0; index < count; index += 1) {
    const request = capture(model);
    await running.calls.captureData(request);
    ids.push(request.captureId);
  }
  return ids;
}

describe('uploads', () => {
  it('go out when a batch is full, before the push period ends', async () => {
    const running = await start({
      sagemaker_edge_core_capture_data_batch_size: 4,
      sagemaker_edge_core_capture_data_push_period_seconds: 3600,
    });
    const ids = await captureMany(running, 'm', 5);
    await waitFor('the first batch', () => s3.ids().length > 0);
    expect(s3.ids()).toEqual(ids.slice(0, 4));
    expect((await running.calls.captureStatus(ids[4] ?? '')).status).toBe(CaptureDataStatus.IN_PROGRESS);
  }, 30_000);

  it('go out when the push period ends, before the batch is full', async () => {
    const running = await start();
    const ids = await captureMany(running, 'm', 3);
    await waitFor('the batch', () => s3.ids().length > 0);
    expect(s3.ids()).toEqual(ids);
  }, 30_000);

  it('put the objects of a record before the record, which refers to them by s3://', async () => {
    const running = await start();
    const request = capture('m', { inputTensors: [floats('x', [2000])] });
    await running.calls.captureData(request);
    await waitFor('the record', () => s3.ids().length > 0);
    expect(s3.puts[0]).toMatch(new RegExp(`^captures/camera-1/fleet-1/m/\\d{4}/\\d\\d/\\d\\d/\\d\\d/raw-data/input-tensors/${request.captureId}-0-x$`));
    expect(s3.puts).toHaveLength(2);
    expect(s3.objects.get(s3.puts[1] ?? '')?.toString()).toContain(`"data-ref":"s3://bucket/${s3.puts[0] ?? ''}"`);
    expect(s3.objects.get(s3.puts[0] ?? '')).toHaveLength(8000);
  }, 30_000);

  it('keep each hour in a file of its own', async () => {
    const running = await start();
    await running.calls.captureData(capture('m', { inferenceTimestamp: { seconds: 3599n, nanos: 0 } }));
    await running.calls.captureData(capture('m', { inferenceTimestamp: { seconds: 3600n, nanos: 0 } }));
    await waitFor('both', () => s3.puts.length === 2);
    expect(s3.puts.map((key) => key.split('/').slice(4, 8).join('/'))).toEqual(['1970/01/01/00', '1970/01/01/01']);
  }, 30_000);
});

describe('with S3 cut off', () => {
  it.each(['cut', 'error', 'forbid'] as const)('(%s) no accepted record is lost and the order of each model is kept', async (mode) => {
    const running = await start({ sagemaker_edge_core_capture_data_batch_size: 7 });
    s3.mode = mode;
    const [first, second] = await Promise.all([captureMany(running, 'first', 40), captureMany(running, 'second', 40)]);
    await waitFor('some attempts', () => s3.attempts > 2);
    expect((await running.calls.captureStatus(first[0] ?? '')).status).toBe(CaptureDataStatus.IN_PROGRESS);
    expect(s3.ids()).toEqual([]);
    s3.mode = 'serve';
    await waitFor('all records', () => s3.ids().length === 80, 30_000);
    expect(s3.ids().filter((id) => first.includes(id))).toEqual(first);
    expect(s3.ids().filter((id) => second.includes(id))).toEqual(second);
    await waitFor('the status', async () => (await running.calls.captureStatus(second.at(-1) ?? '')).status === CaptureDataStatus.SUCCESS);
    await waitFor('the spool to be emptied', () => filesBelow(join(folder, 'data/spool')).filter((name) => name.endsWith('.spool')).length <= 1);
  }, 60_000);

  it('a stop keeps what it could not send, and the next start sends it and knows its state', async () => {
    s3.mode = 'cut';
    const before = await start();
    const ids = await captureMany(before, 'm', 15);
    await before.stop('SIGKILL');
    const after = await start();
    expect((await after.calls.captureStatus(ids[0] ?? '')).status).toBe(CaptureDataStatus.IN_PROGRESS);
    await expect(after.calls.captureData({ ...capture('m'), captureId: ids[3] ?? '' })).rejects.toMatchObject({ code: status.ALREADY_EXISTS });
    s3.mode = 'serve';
    await waitFor('all records', () => s3.ids().length === 15, 30_000);
    expect(s3.ids()).toEqual(ids);
    await waitFor('the status', async () => (await after.calls.captureStatus(ids[14] ?? '')).status === CaptureDataStatus.SUCCESS);
    await after.stop();
    const last = await start();
    expect((await last.calls.captureStatus(ids[0] ?? '')).status).toBe(CaptureDataStatus.SUCCESS);
  }, 60_000);

  it('a stop does not wait for a network that is away, and the next start sends the captures', async () => {
    s3.mode = 'cut';
    const before = await start();
    const ids = await captureMany(before, 'm', 3);
    await before.waitForLog('cannot be uploaded');
    const attempts = s3.attempts;
    await before.stop();
    expect(before.logs('stay in the spool until')).toMatchObject([{ waiting: 3 }]);
    expect(s3.attempts - attempts).toBeLessThanOrEqual(2); // those of a try under way
    s3.mode = 'serve';
    await start();
    await waitFor('all records', () => s3.ids().length === 3, 30_000);
    expect(s3.ids()).toEqual(ids);
  }, 60_000);

  it('a stop gives up at the first capture that cannot be sent', async () => {
    s3.mode = 'forbid'; // the SDK does not try it again
    const running = await start({ sagemaker_edge_core_capture_data_push_period_seconds: 3600 });
    await running.calls.captureData(capture('m'));
    expect(s3.attempts).toBe(0);
    await running.stop();
    expect(s3.attempts).toBe(1);
    expect(running.logs('stay in the spool until')).toMatchObject([{ waiting: 1 }]);
  }, 60_000);

  it('RESOURCE_EXHAUSTED when the disk budget is used up, and room again after the upload', async () => {
    s3.mode = 'cut';
    const running = await start({ sagemaker_edge_capture_spool_max_bytes: 2 ** 20 });
    const large = (): ReturnType<typeof capture> => capture('m', { inputTensors: [floats('x', [100_000])] });
    await running.calls.captureData(large());
    await running.calls.captureData(large());
    await expect(running.calls.captureData(large())).rejects.toMatchObject(refusal(status.RESOURCE_EXHAUSTED, 'sagemaker_edge_capture_spool_max_bytes'));
    s3.mode = 'serve';
    await waitFor('the upload', () => s3.ids().length === 2, 30_000);
    await waitFor('room', () => running.calls.captureData(large()).then(() => true, () => false));
  }, 60_000);

  it('is said once, with the reason, and not for each attempt', async () => {
    s3.mode = 'forbid';
    const running = await start();
    await captureMany(running, 'm', 2);
    await waitFor('some attempts', () => s3.attempts > 2, 30_000);
    expect(running.logs('cannot be uploaded')).toMatchObject([{ level: 'warn', reason: 'AccessDenied here', error: 'AccessDenied', model: 'm', waiting: 2 }]);
    expect(running.stderr).not.toContain('SECRET');
  }, 30_000);
});

describe('a stop with S3 at hand', () => {
  const LATER = { sagemaker_edge_core_capture_data_push_period_seconds: 3600 };

  it('sends the captures that wait', async () => {
    const running = await start(LATER);
    const ids = await captureMany(running, 'm', 3);
    await running.stop();
    expect(s3.ids()).toEqual(ids);
  }, 30_000);

  it('sends nothing on SIGHUP: the agent that is started again sends them at once', async () => {
    const running = await start(LATER);
    const ids = await captureMany(running, 'm', 3);
    expect(await running.stop('SIGHUP')).toBe(0);
    expect(s3.attempts).toBe(0);
    await start(LATER);
    await waitFor('all records', () => s3.ids().length === 3, 30_000);
    expect(s3.ids()).toEqual(ids);
  }, 30_000);

  it('sends nothing with capture_drain_seconds 0', async () => {
    const running = await start({ ...LATER, sagemaker_edge_capture_drain_seconds: 0 });
    await captureMany(running, 'm', 3);
    await running.stop();
    expect(s3.attempts).toBe(0);
    expect(running.logs('stay in the spool until')).toMatchObject([{ waiting: 3 }]);
  }, 30_000);

  it('sends no longer than capture_drain_seconds', async () => {
    s3.mode = 'silent';
    const running = await start({ ...LATER, sagemaker_edge_capture_drain_seconds: 8 }); // on a busy machine the SDK loads for seconds
    await captureMany(running, 'm', 3);
    await running.stop(); // the SDK's own limit is a minute, the test's is less
    expect(s3.attempts).toBe(1);
    expect(running.logs('stay in the spool until')).toMatchObject([{ waiting: 3 }]);
  }, 40_000);
});

it('RESOURCE_EXHAUSTED when more requests wait for the disk than the buffer holds', async () => {
  const running = await start({ sagemaker_edge_core_capture_data_buffer_size: 2, sagemaker_edge_core_capture_data_batch_size: 1 });
  const requests = Array.from({ length: 60 }, () => capture('m', { inputTensors: [floats('x', [50_000])] }));
  const results = await Promise.allSettled(requests.map((request) => running.calls.captureData(request)));
  const accepted = requests.filter((_, index) => results[index]?.status === 'fulfilled').map((request) => request.captureId);
  const refused = results.filter((result) => result.status === 'rejected');
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]).toMatchObject({ reason: refusal(status.RESOURCE_EXHAUSTED, 'buffer is full') });
  await waitFor('the accepted ones', () => s3.ids().length === accepted.length, 30_000);
  expect(new Set(s3.ids())).toEqual(new Set(accepted));
}, 60_000);

it('captures on the disk are uploaded from time to time where that is wanted', async () => {
  const settings = cloudSettings(s3);
  const running = await start({
    ...settings.config, sagemaker_edge_core_capture_data_destination: 'Disk', sagemaker_edge_core_capture_data_disk_path: join(folder, 'disk'),
    sagemaker_edge_core_capture_data_periodic_upload: true, sagemaker_edge_core_capture_data_periodic_upload_period_seconds: 1,
  });
  const request = capture('m', { inputTensors: [floats('x', [2000])] });
  await running.calls.captureData(request);
  await waitFor('the upload', () => s3.ids().length === 1, 30_000);
  expect(s3.ids()).toEqual([request.captureId]);
  expect(idsIn(s3.objects.get(s3.puts[1] ?? '') ?? Buffer.alloc(0))).toHaveLength(1);
  expect(s3.objects.get(s3.puts[1] ?? '')?.toString()).toContain(`"data-ref":"s3://bucket/${s3.puts[0] ?? ''}"`);
  await waitFor('the files to go', () => filesBelow(join(folder, 'disk')).length === 0);
}, 60_000);
