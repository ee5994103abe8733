import * as fs from 'node:fs';
import * as path from 'node:path';
import { largestDifference, predictionLines, readRows } from '../../../../local/cloud/experiments/predictions';
import { temporaryFolder } from '../../temporary-folder';

const folder = temporaryFolder();
afterAll(() => {
  folder.remove();
});

function data(name: string, files: Readonly<Record<string, string>>): string {
  const made = path.join(folder.root, name);
  fs.mkdirSync(made);
  for (const [file, content] of Object.entries(files)) {
    fs.writeFileSync(path.join(made, file), content);
  }
  return made;
}

test('rows are read from all files in the order of their names, without the label', () => {
  const several = data('several', { 'b.csv': 'x,y,label\n5,6,9\n', 'a.csv': 'x,y,label\n1,2,9\n3,4,9\n', 'notes.txt': 'no data' });
  expect(readRows(several, 3)).toEqual({ count: 3, columns: 2, values: Float32Array.from([1, 2, 3, 4, 5, 6]) });
});

test('fails when there are fewer rows than wanted', () => {
  expect(() => readRows(data('few', { 'a.csv': 'x,label\n1,9\n' }), 2)).toThrow(/must have 2 rows of numbers, got 1/);
});

test('fails when a row is no number', () => {
  expect(() => readRows(data('text', { 'a.csv': 'x,label\nnone,9\n' }), 1)).toThrow(/must have 1 rows of numbers/);
});

test('the largest difference is that of any two places', () => {
  expect(largestDifference({ script: [1, 2], endpoint: [1.5, 2], device: [1, 1] })).toBe(1);
});

test('fails when a place has not predicted for each row', () => {
  const predictions = { script: [1, 2], endpoint: [1], device: [1, 2] };
  expect(() => largestDifference(predictions)).toThrow(/got 2 of the script, 1 of the endpoint, 2 of the device/);
});

test('predictions are shown side by side', () => {
  expect(predictionLines({ script: [1.25], endpoint: [1.25], device: [1.2500001] })).toEqual([
    '      script    endpoint      device', '   1.2500000   1.2500000   1.2500001', 'largest difference 1.0e-7',
  ]);
});

test('fails when predictions are further apart than 1e-5', () => {
  const predictions = { script: [1], endpoint: [1], device: [1.5] };
  expect(() => predictionLines(predictions)).toThrow(/equal within 0\.00001, got a difference of 0\.5/);
});
