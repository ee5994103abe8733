import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { PNG } from 'pngjs';
import { CaptureLayout } from '../../agent/capture/layout';
import type { CaptureItem } from '../../agent/capture/record';
import { readNpy } from '../../agent/client/npy';
import { Workplace } from './command-line';

const place = new Workplace();
afterAll(() => {
  place.remove();
});

const layout = new CaptureLayout({ folderPrefix: '', deviceFleetName: 'fleet', deviceName: 'camera-1', embedLimit: 64 });
const FIRST = '11111111-0000-4000-8000-000000000000';
const SECOND = '22222222-0000-4000-8000-000000000000';

interface Part extends Omit<CaptureItem, 'length'> { readonly body: Buffer }

/** Writes a capture as the agent's disk sink does. */
function capture(id: string, time: string, modelName: string, parts: readonly Part[], root = 'captures'): void {
  const items = parts.map(({ body, ...item }) => ({ ...item, length: body.length }));
  const header = { id, modelName, modelVersion: '1.0', time, items };
  const blobs = Buffer.concat(parts.map(({ body }) => body));
  const { line, raw } = layout.render(header, blobs, (key) => pathToFileURL(place.in(root, key)).href);
  for (const { key, body } of [...raw, { key: layout.batchKey(header), body: Buffer.from(line) }]) {
    mkdirSync(dirname(place.in(root, key)), { recursive: true });
    writeFileSync(place.in(root, key), body);
  }
}

const floats = (...values: number[]): Buffer => Buffer.from(Float32Array.from(values).buffer);
const ramp = Array.from({ length: 3 * 8 * 8 }, (_, index) => index / (3 * 8 * 8 - 1));

beforeAll(() => {
  capture(FIRST, '2026-11-27T08:00:00.000Z', 'scale', [
    { group: 'inputs', name: 'x', contentType: 'Tensor[FLOAT32; 1, 3, 8, 8]', encoding: 'NONE', body: floats(...ramp) },
    { group: 'outputs', name: 'y/0', contentType: 'Tensor[FLOAT32; 1, 2]', encoding: 'NONE', body: floats(0.25, 0.75) },
    { group: 'auxiliaryInputs', name: 'note', contentType: 'text/csv', encoding: 'CSV', body: Buffer.from('line,3') },
  ]);
  capture(SECOND, '2026-11-27T09:00:00.000Z', 'other', [
    { group: 'outputs', name: 'n', contentType: 'Tensor[INT64; 2]', encoding: 'NONE', body: Buffer.from(BigInt64Array.of(-5n, 7n).buffer) },
  ]);
});

describe('ls', () => {
  test('lists captures, the newest first, with what is in them', () => {
    expect(place.run(['captures', 'ls', 'captures'])).toEqual(expect.objectContaining({
      status: 0,
      stdout: `2026-11-27T09:00:00  ${SECOND}  camera-1  other 1.0  output n Tensor[INT64; 2]\n`
        + `2026-11-27T08:00:00  ${FIRST}  camera-1  scale 1.0  input x Tensor[FLOAT32; 1, 3, 8, 8], output y/0 Tensor[FLOAT32; 1, 2], auxiliary-input note text/csv\n`,
    }));
  });

  test.each([
    [['--model', 'scale'], [FIRST]],
    [['--device', 'camera-2'], []],
    [['--limit', '1'], [SECOND]],
  ])('%j', (options, ids) => {
    const { stdout } = place.run(['captures', 'ls', 'captures', '--json', ...options]);
    expect(stdout.split('\n').filter((line) => line !== '').map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(ids);
  });
});

describe('show', () => {
  test('shows type, shape and values of each tensor, also of one beside the record, and the text of other data', () => {
    const { status, stdout } = place.run(['captures', 'show', 'captures', FIRST.slice(0, 4)]);
    expect(status).toBe(0);
    expect(stdout.split('\n')).toEqual([
      `capture ${FIRST}`, 'time    2026-11-27T08:00:00 UTC', 'device  camera-1 of fleet', 'model   scale 1.0',
      'input   x  FLOAT32 [1, 3, 8, 8]  min 0, max 1, mean 0.5: 0, 0.005236, 0.01047, 0.01571, 0.02094, 0.02618, …',
      'output  y/0  FLOAT32 [1, 2]  min 0.25, max 0.75, mean 0.5: 0.25, 0.75',
      'auxiliary-input note  text/csv, 6 bytes: line,3', '',
    ]);
  });

  test('latest is the newest', () => {
    expect(place.run(['captures', 'show', 'captures', 'latest']).stdout).toContain('output  n  INT64 [2]  min -5, max 7, mean 1: -5, 7');
  });

  test('finds the tensors of a copy, wherever the device had them', () => {
    cpSync(place.in('captures'), place.in('copy'), { recursive: true });
    const text = readFileSync(place.in('copy', layout.batchKey({ id: FIRST, modelName: 'scale', time: '2026-11-27T08:00:00.000Z' })), 'utf8');
    writeFileSync(
      place.in('copy', layout.batchKey({ id: FIRST, modelName: 'scale', time: '2026-11-27T08:00:00.000Z' })),
      text.replaceAll(pathToFileURL(place.in('captures')).href, 's3://bucket/captures/camera-1'),
    );
    expect(place.run(['captures', 'show', 'copy', FIRST]).stdout).toContain('input   x  FLOAT32 [1, 3, 8, 8]  min 0, max 1');
  });

  test.each([
    ['there is none of this id', ['captures', '9999'], 1, 'there is no capture 9999 there'],
    ['the id is too short to be one', ['captures', '1'], 2, "a capture is named by its id, at least 4 characters of it, or by 'latest', got '1'"],
    ['there is no such folder', ['nowhere', 'latest'], 2, 'there is no folder '],
    ['the location is no bucket', ['s3://', 'latest'], 2, 'a location is s3://<bucket>/<prefix> or a folder, got s3://'],
    ['a bucket is asked without credentials', ['s3://bucket/captures', 'latest'], 1, 's3://bucket: '],
    ['a local cloud is asked that is not up', ['s3://bucket/captures', 'latest', '--local'], 1, 'no local cloud is up here'],
  ])('fails when %s', (_, args, status, message) => {
    const env = { AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' };
    expect(place.run(['captures', 'show', ...args], env)).toMatchObject({ status, stderr: expect.stringContaining(`cdk-sagemaker-edge: ${message}`) as unknown });
  });
});

describe('export', () => {
  test('writes tensors as .npy, what has the shape of a picture as PNG too, and other data as they are', () => {
    const run = place.run(['captures', 'export', 'captures', FIRST, '-o', 'out', '--json']);
    expect(JSON.parse(run.stdout)).toEqual([
      'capture.json', 'input-0-x.npy', 'input-0-x.png', 'output-1-y_0.npy', 'auxiliary-input-2-note.csv',
    ].map((name) => place.in('out', name)));
    expect(readNpy(readFileSync(place.in('out', 'output-1-y_0.npy')))).toMatchObject({ type: 'float32', shape: [1, 2], data: floats(0.25, 0.75) });
    expect(readFileSync(place.in('out', 'auxiliary-input-2-note.csv'), 'utf8')).toBe('line,3');
  });

  test('values from 0 to 1 are the channels of the picture, times 255', () => {
    const { width, height, data } = PNG.sync.read(readFileSync(place.in('out', 'input-0-x.png')));
    expect([width, height]).toEqual([8, 8]);
    const at = (index: number): number => Math.round(255 * (Math.fround(ramp[index] ?? NaN)));
    expect([...data.subarray(0, 4)]).toEqual([at(0), at(64), at(128), 255]);
    expect([...data.subarray(63 * 4)]).toEqual([at(63), at(127), at(191), 255]);
  });

  test('fails when a tensor that the record names is gone', () => {
    capture('33333333-0000-4000-8000-000000000000', '2026-11-27T07:00:00.000Z', 'scale', [
      { group: 'inputs', name: 'x', contentType: 'Tensor[FLOAT32; 20]', encoding: 'NONE', body: floats(...ramp.slice(0, 20)) },
    ], 'gone');
    const { stdout } = place.run(['captures', 'ls', 'gone', '--json']);
    writeFileSync(place.in('lone.jsonl'), readFileSync(place.in('gone', layout.batchKey({
      id: '33333333-0000-4000-8000-000000000000', modelName: 'scale', time: '2026-11-27T07:00:00.000Z',
    })), 'utf8').replaceAll('/gone/', '/removed/'));
    mkdirSync(place.in('lone'));
    cpSync(place.in('lone.jsonl'), place.in('lone', 'a.jsonl'));
    expect(stdout).toContain('33333333');
    expect(place.run(['captures', 'export', 'lone', 'latest', '-o', 'x'])).toMatchObject({
      status: 1, stderr: expect.stringMatching(/file:.*removed.* is not in .*lone/) as unknown,
    });
  });
});
