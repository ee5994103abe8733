import { PNG } from 'pngjs';
import { readNpy } from '../../../../agent/client/npy';
import { FakeCloud, HOUR, floats, idOf, picture, reason, type Part } from './fixture';

let cloud: FakeCloud;
beforeEach(() => {
  cloud = new FakeCloud();
  jest.spyOn(console, 'log').mockImplementation(() => undefined); // the handler's log
});
afterEach(() => {
  jest.restoreAllMocks();
});

function capture(parts: readonly Part[]): void {
  cloud.upload('camera-1', [{ id: idOf(1), time: cloud.now - HOUR, parts }]);
}

/** The colours of all pixels, row by row. */
function pixelsOf(file: Buffer): number[][] {
  const { data, width, height } = PNG.sync.read(file);
  return Array.from({ length: width * height }, (_, pixel) => [...data.subarray(pixel * 4, pixel * 4 + 3)]);
}

/** What a planar tensor of 8 × 8 is as pixels. */
function planar(values: ArrayLike<number>): number[][] {
  return Array.from({ length: 64 }, (_, pixel) => [0, 1, 2].map((channel) => values[channel * 64 + pixel] ?? -1));
}

describe('a picture', () => {
  test.each([
    ['channels first', '1, 3, 8, 8'], ['channels first without a batch', '3, 8, 8'],
  ])('is the one that went in: %s', async (_, shape) => {
    const part = picture(5, shape);
    capture([part, reason()]);
    await cloud.run();
    expect(pixelsOf(cloud.source(cloud.manifest(cloud.events[0])[0]))).toEqual(planar(part.body));
  });

  test('is the one that went in: channels last', async () => {
    const part = picture(5, '1, 8, 8, 3');
    capture([part, reason()]);
    await cloud.run();
    const pixels = Array.from({ length: 64 }, (_, pixel) => [...part.body.subarray(pixel * 3, pixel * 3 + 3)]);
    expect(pixelsOf(cloud.source(cloud.manifest(cloud.events[0])[0]))).toEqual(pixels);
  });

  test('is the one that went in where mean and std are given', async () => {
    const mean = [0.485, 0.456, 0.406];
    const std = [0.229, 0.224, 0.225];
    const original = picture(9).body;
    const values = Array.from(original, (value, index) => {
      const channel = Math.floor(index / 64);
      return (value / 255 - (mean[channel] ?? 0)) / (std[channel] ?? 1);
    });
    capture([floats('inputs', 'x', '1, 3, 8, 8', values), reason()]);
    await cloud.run({ image: { mean, std } });
    expect(pixelsOf(cloud.source(cloud.manifest(cloud.events[0])[0]))).toEqual(planar(original));
  });

  test('has one mean for all channels where one is given', async () => {
    const original = picture(9).body;
    capture([floats('inputs', 'x', '1, 3, 8, 8', Array.from(original, (value) => value / 127.5 - 1)), reason()]);
    await cloud.run({ image: { mean: [0.5], std: [0.5] } });
    expect(pixelsOf(cloud.source(cloud.manifest(cloud.events[0])[0]))).toEqual(planar(original));
  });

  test('is one for each item of a batch', async () => {
    capture([picture(0, '2, 3, 8, 8'), reason()]);
    await cloud.run();
    expect(cloud.events[0]).toMatchObject({ count: 2, captures: 1 });
    expect(cloud.manifest(cloud.events[0]).map((line) => line['source-ref'].slice(-6))).toEqual(['-0.png', '-1.png']);
  });

  test('is read by the layout that is given: one that has not its shape is a tensor', async () => {
    capture([picture(0, '1, 8, 8, 3'), reason()]);
    await cloud.run({ image: { isPlanar: true } });
    expect(cloud.manifest(cloud.events[0])[0]?.['source-ref']).toMatch(/-0\.npy$/);
  });
});

test('a tensor that is no picture is exported as it is', async () => {
  capture([floats('inputs', 'sensors', '1, 4', [1, 2, 3, 4]), reason()]);
  await cloud.run();
  const [line] = cloud.manifest(cloud.events[0]);
  expect(line?.metadata.input).toBe('sensors');
  const { type, shape, data } = readNpy(cloud.source(line));
  expect([type, shape]).toEqual(['float32', [1, 4]]);
  expect([0, 4, 8, 12].map((at) => data.readFloatLE(at))).toEqual([1, 2, 3, 4]);
});

test('an output of many values is named by where it is', async () => {
  capture([picture(), floats('outputs', 'map', '1, 2, 20000', Array.from({ length: 40_000 }, () => 0)), reason()]);
  await cloud.run();
  const [line] = cloud.manifest(cloud.events[0]);
  expect(line?.metadata.prediction).toEqual([{
    name: 'map', contentType: 'Tensor[FLOAT32; 1, 2, 20000]',
    reference: expect.stringMatching(/^s3:\/\/field\/captures\/camera-1\/.*\/raw-data\//) as unknown,
  }]);
});

test('an auxiliary output is told as text', async () => {
  const words = { group: 'auxiliaryOutputs', name: 'words', contentType: 'text/csv', encoding: 'CSV', body: Buffer.from('stop,go') } as const;
  capture([picture(), words, reason()]);
  await cloud.run();
  expect(cloud.manifest(cloud.events[0])[0]?.metadata.prediction).toEqual([{ name: 'words', contentType: 'text/csv', text: 'stop,go' }]);
});
