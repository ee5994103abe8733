import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { status } from '@grpc/grpc-js';
import { isRecord } from '../../../agent/config/reader';
import { CaptureDataStatus, DataType, Encoding, type CaptureDataRequest } from '../../../agent/generated/agent';
import { AgentProcess, filesBelow, scratchFolder, waitFor } from '../support/agent-process';
import { identityModel, writePackage } from '../support/models';
import { refusal } from '../support/refusal';
import { bytes, capture, floats, now, tensor } from '../support/tensors';

const folder = scratchFolder();
let agent: AgentProcess;

beforeAll(async () => {
  const config = { sagemaker_edge_core_capture_data_base64_embed_limit: 16, sagemaker_edge_core_capture_data_batch_size: 1 };
  agent = await AgentProcess.start({ folder, config });
  await agent.calls.loadModel('alias-1-0', writePackage(join(folder, 'package'), identityModel('float32', [2]), { name: 'recogniser', version: '2.5' }));
}, 60_000);
afterAll(() => agent.stop());

async function captured(request: CaptureDataRequest): Promise<{ file: string; record: Record<string, unknown> }> {
  await agent.calls.captureData(request);
  await waitFor('the capture', async () => (await agent.calls.captureStatus(request.captureId)).status === CaptureDataStatus.SUCCESS);
  for (const file of filesBelow(join(folder, 'disk')).filter((name) => name.endsWith('.jsonl'))) {
    const line = readFileSync(join(folder, 'disk', file), 'utf8').split('\n').find((candidate) => candidate.includes(request.captureId));
    const record: unknown = line === undefined ? undefined : JSON.parse(line);
    if (isRecord(record)) {
      return { file, record };
    }
  }
  throw new Error(`no record of ${request.captureId}`);
}

describe('a record', () => {
  it('lies under prefix, fleet, model and the hour of the inference, in UTC', async () => {
    const { file } = await captured(capture('alias-1-0', { inferenceTimestamp: { seconds: BigInt(Date.UTC(2026, 0, 2, 3, 4, 5) / 1000), nanos: 678_000_000 } }));
    expect(file).toMatch(/^captures\/camera-1\/fleet-1\/recogniser\/2026\/01\/02\/03\/20260102T030405678Z-[0-9a-f-]{36}\.jsonl$/);
  });

  it('has AWS\'s version and metadata, with the name and version of the package', async () => {
    const request = capture('alias-1-0');
    const { record } = await captured(request);
    expect(Object.keys(record)).toEqual(['eventVersion', 'eventMetadata', 'deviceFleetInputs', 'deviceFleetOutputs', 'deviceFleetAuxiliaryInputs', 'deviceFleetAuxiliaryOutputs']);
    expect(record.eventVersion).toBe('0');
    const { seconds, nanos } = request.inferenceTimestamp ?? now();
    expect(record.eventMetadata).toEqual({
      deviceFleetName: 'fleet-1', deviceId: 'camera-1', eventId: request.captureId, modelName: 'recogniser', modelVersion: '2.5',
      inferenceTime: new Date(Number(seconds) * 1000 + nanos / 1e6).toISOString().replace(/\.\d{3}Z$/, ''),
    });
  });

  it('of a model that is not loaded has the name of the request', async () => {
    const { file, record } = await captured(capture('unloaded'));
    expect(file).toContain('/unloaded/');
    expect(record.eventMetadata).toMatchObject({ modelName: 'unloaded', modelVersion: '' });
  });

  it('holds a tensor up to the limit in base64', async () => {
    const { record } = await captured(capture('alias-1-0', { inputTensors: [floats('x', [2, 2], [1, 2, 3, 4])], outputTensors: [tensor('y', DataType.UINT8, [], Uint8Array.from([7]))] }));
    expect(record.deviceFleetInputs).toEqual([{ name: 'x', mode: 'Input', observedContentType: 'Tensor[FLOAT32; 2, 2]', encoding: 'BASE64', data: Buffer.from(Float32Array.from([1, 2, 3, 4]).buffer).toString('base64') }]);
    expect(record.deviceFleetOutputs).toEqual([{ name: 'y', mode: 'Output', observedContentType: 'Tensor[UINT8]', encoding: 'BASE64', data: 'Bw==' }]);
  });

  it('refers to the raw bytes of a larger tensor, whose name cannot leave the folder', async () => {
    const request = capture('alias-1-0', { inputTensors: [], outputTensors: [floats('../soft max:0', [5], [1, 2, 3, 4, 5])] });
    const { file, record } = await captured(request);
    const reference = Array.isArray(record.deviceFleetOutputs) && isRecord(record.deviceFleetOutputs[0]) ? record.deviceFleetOutputs[0]['data-ref'] : undefined;
    expect(record.deviceFleetOutputs).toEqual([{ name: '../soft max:0', mode: 'Output', observedContentType: 'Tensor[FLOAT32; 5]', encoding: 'NONE', 'data-ref': reference }]);
    const path = fileURLToPath(String(reference));
    expect(path).toBe(join(folder, 'disk', file, '..', 'raw-data', 'output-tensors', `${request.captureId}-0-.._soft_max_0`));
    expect(readFileSync(path)).toEqual(bytes(request.outputTensors[0]));
  });

  it('holds auxiliary CSV as it is, JSON and other bytes in base64, and names what has no name', async () => {
    const auxiliary = (name: string, encoding: Encoding, data: Buffer) => ({ name, encoding, data: { $case: 'byteData' as const, byteData: data } });
    const { record } = await captured(capture('alias-1-0', {
      inputs: [auxiliary('a', Encoding.JSON, Buffer.from('{"ä":1}')), auxiliary('b', Encoding.NONE, Buffer.from([255, 0])), auxiliary('c', Encoding.BASE64, Buffer.from('AAA='))],
      outputs: [auxiliary('', Encoding.CSV, Buffer.from('1,2')), auxiliary('e', Encoding.CSV, Buffer.from([0xff]))],
    }));
    expect(record.deviceFleetAuxiliaryInputs).toEqual([
      { name: 'a', mode: 'Input', observedContentType: 'json', encoding: 'BASE64', data: Buffer.from('{"ä":1}').toString('base64') },
      { name: 'b', mode: 'Input', observedContentType: 'application/octet-stream', encoding: 'BASE64', data: '/wA=' },
      { name: 'c', mode: 'Input', observedContentType: 'application/octet-stream', encoding: 'BASE64', data: 'AAA=' },
    ]);
    expect(record.deviceFleetAuxiliaryOutputs).toEqual([
      { name: 'Output-1', mode: 'Output', observedContentType: 'text/csv', encoding: 'CSV', data: '1,2' },
      { name: 'e', mode: 'Output', observedContentType: 'text/csv', encoding: 'BASE64', data: '/w==' },
    ]);
  });
});

it.each([['no timestamp', undefined], ['a timestamp of zeros', { seconds: 0n, nanos: 0 }]])('a capture with %s has the time of the agent\'s clock', async (_, inferenceTimestamp) => {
  const before = Math.floor(Date.now() / 1000) * 1000;
  const { record } = await captured(capture('alias-1-0', { inferenceTimestamp }));
  const { inferenceTime }: Record<string, unknown> = isRecord(record.eventMetadata) ? record.eventMetadata : {};
  expect(String(inferenceTime)).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
  expect(Date.parse(`${String(inferenceTime)}Z`)).toBeGreaterThanOrEqual(before);
  expect(Date.parse(`${String(inferenceTime)}Z`)).toBeLessThanOrEqual(Date.now());
});

it('a record has the form of the one that AWS published', async () => {
  const auxiliary = (encoding: Encoding, text: string) => ({ name: '', encoding, data: { $case: 'byteData' as const, byteData: Buffer.from(text) } });
  const answer = '{"score":0.5}';
  const { record } = await captured(capture('alias-1-0', {
    inferenceTimestamp: { seconds: BigInt(Date.UTC(2023, 4, 31, 20, 5, 24) / 1000), nanos: 428_000_000 },
    inputTensors: [], inputs: [auxiliary(Encoding.NONE, 'JFIF')], outputs: [auxiliary(Encoding.JSON, answer)],
  }));
  expect(record).toMatchObject({
    eventVersion: '0',
    eventMetadata: { inferenceTime: '2023-05-31T20:05:24' },
    deviceFleetInputs: [],
    deviceFleetOutputs: [],
    deviceFleetAuxiliaryInputs: [{ mode: 'Input', name: 'Input-1', encoding: 'BASE64' }],
    deviceFleetAuxiliaryOutputs: [
      { data: Buffer.from(answer).toString('base64'), encoding: 'BASE64', mode: 'Output', name: 'Output-1', observedContentType: 'json' },
    ],
  });
});

describe('CaptureData', () => {
  it('ALREADY_EXISTS for an id that waits, and for one that is through, in capitals too', async () => {
    const request = capture('alias-1-0');
    const inCapitals = { ...request, captureId: request.captureId.toUpperCase() };
    await agent.calls.captureData(request);
    await expect(agent.calls.captureData(inCapitals)).rejects.toMatchObject({ code: status.ALREADY_EXISTS });
    await waitFor('the capture', async () => (await agent.calls.captureStatus(request.captureId)).status === CaptureDataStatus.SUCCESS);
    await expect(agent.calls.captureData(request)).rejects.toMatchObject({ code: status.ALREADY_EXISTS });
  });

  it('OUT_OF_RANGE for a timestamp in the future', async () => {
    await expect(agent.calls.captureData(capture('alias-1-0', { inferenceTimestamp: now(10) }))).rejects.toMatchObject(refusal(status.OUT_OF_RANGE, 'in the future'));
    await expect(agent.calls.captureData(capture('alias-1-0', { inferenceTimestamp: { seconds: 2n ** 62n, nanos: 0 } }))).rejects.toMatchObject({ code: status.OUT_OF_RANGE });
  });

  it.each<[string, Partial<CaptureDataRequest>, RegExp]>([
    ['an id that is no UUID', { captureId: 'capture-1' }, /wanted a UUID, got "capture-1"/],
    ['a timestamp before 1970', { inferenceTimestamp: { seconds: -1n, nanos: 0 } }, /since 1970/],
    ['a billion nanoseconds', { inferenceTimestamp: { seconds: 1n, nanos: 1_000_000_000 } }, /nanos/],
    ['a model name that would leave its folder', { modelName: '../x' }, /model_name/],
    ['bytes that are not those of the shape', { inputTensors: [{ ...floats('x', [3]), tensorMetadata: { name: 'x', dataType: DataType.FLOAT32, shape: [4] } }] }, /16 bytes, got 12/],
    ['an unknown data type', { inputTensors: [{ ...floats('x', [3]), tensorMetadata: { name: 'x', dataType: DataType.UNRECOGNIZED, shape: [3] } }] }, /unknown data type/],
    ['too many items', { inputTensors: Array.from({ length: 1025 }, () => floats('x', [1])) }, /at most 1024/],
  ])('INVALID_ARGUMENT for %s', async (_, change, details) => {
    await expect(agent.calls.captureData(capture('alias-1-0', change))).rejects.toMatchObject(refusal(status.INVALID_ARGUMENT, details));
  });

  it('UNIMPLEMENTED for a shared-memory handle', async () => {
    const shared = { ...floats('x', [1]), data: { $case: 'sharedMemoryHandle' as const, sharedMemoryHandle: { size: 4n, offset: 0n, segmentId: 1n } } };
    await expect(agent.calls.captureData(capture('alias-1-0', { inputTensors: [shared] }))).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
  });
});

describe('GetCaptureDataStatus', () => {
  it('NOT_FOUND for an id that nobody captured, INVALID_ARGUMENT for no id', async () => {
    await expect(agent.calls.captureStatus(randomUUID())).rejects.toMatchObject({ code: status.NOT_FOUND });
    await expect(agent.calls.captureStatus('x')).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
  });
});
