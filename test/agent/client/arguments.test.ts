import { readArguments } from '../../../agent/client/arguments';
import { UsageError } from '../../../agent/client/usage';
import type { PredictOptions } from '../../../agent/client/predict-options';

function predictOptions(...args: readonly string[]): PredictOptions {
  const given = readArguments(['-a', 's', 'Predict', 'm', 'x', ...args]);
  if (given.kind !== 'agent' || !('predict' in given.command)) {
    throw new Error('wanted a prediction');
  }
  return given.command.predict;
}

describe('how files become tensors', () => {
  it.each([
    ['without --decode', [], { mean: [0], std: [1], fit: 'stretch' }],
    ['with --decode classes', ['--decode', 'classes'], { mean: [0], std: [1], fit: 'stretch' }],
    ['with --decode boxes', ['--decode', 'boxes'], { mean: [0], std: [1], fit: 'letterbox' }],
    ['with --decode ctc', ['--decode', 'ctc', '--keys', 'k'], { mean: [0.5], std: [0.5], fit: 'pad', shape: [1, 3, 48, 320] }],
  ])('%s', (_, args, expected) => {
    expect(predictOptions(...args).inputs).toEqual(expected);
  });

  it('what is given counts more than what --decode sets', () => {
    const given = ['--mean', '0.485,0.456,0.406', '--std', '0.229,0.224,0.225', '--fit', 'stretch', '--shape', '1,3,32,32', '--layout', 'NHWC'];
    expect(predictOptions('--decode', 'ctc', '--keys', 'k', ...given).inputs).toEqual({
      mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225], fit: 'stretch', shape: [1, 3, 32, 32], layout: 'NHWC',
    });
  });
});

describe('how outputs are read', () => {
  it.each([
    [[], undefined],
    [['--decode', 'classes'], { kind: 'classes', top: 5 }],
    [['--decode', 'classes', '--labels', 'l', '--top', '1', '--output', 'y'], { kind: 'classes', top: 1, labelsFile: 'l', output: 'y' }],
    [['--decode', 'boxes'], { kind: 'boxes', top: 100, score: 0.25, iou: 0.45 }],
    [
      ['--decode', 'boxes', '--labels', 'l', '--top', '9', '--score', '0.5', '--iou', '1', '--boxes', 'v8', '--draw', 'd.PNG'],
      { kind: 'boxes', labelsFile: 'l', top: 9, score: 0.5, iou: 1, layout: 'v8', drawFile: 'd.PNG' },
    ],
    [['--decode', 'ctc', '--keys', 'k'], { kind: 'ctc', keysFile: 'k' }],
  ])('%j', (args, expected) => {
    expect(predictOptions(...args).decode).toEqual(expected);
  });
});

it.each([
  ['--decode', ['--decode', 'faces'], '--decode: wanted classes or boxes or ctc, got faces'],
  ['--decode ctc without keys', ['--decode', 'ctc'], '--decode ctc: wanted --keys <file>, got none'],
  ['--fit', ['--fit', 'crop'], '--fit: wanted stretch or pad or letterbox, got crop'],
  ['--mean', ['--mean', '0.5,'], '--mean: wanted a number, got '],
  ['--std', ['--std', '1,x,1'], '--std: wanted a number, got x'],
  ['--std of zero', ['--std', '1,0,1'], '--std: wanted numbers other than 0, got 1,0,1'],
  ['--top', ['--decode', 'classes', '--top', '0'], '--top: wanted a whole number of at least 1, got 0'],
  ['--top that is no whole number', ['--decode', 'boxes', '--top', '1.5'], '--top: wanted a whole number of at least 1, got 1.5'],
  ['--score', ['--decode', 'boxes', '--score', '25'], '--score: wanted a number from 0 to 1, got 25'],
  ['--iou', ['--decode', 'boxes', '--iou=-0.1'], '--iou: wanted a number from 0 to 1, got -0.1'],
  ['--boxes', ['--decode', 'boxes', '--boxes', 'v3'], '--boxes: wanted v5 or v8 or end-to-end, got v3'],
  ['--draw', ['--decode', 'boxes', '--draw', 'out.jpg'], '--draw: wanted a file that ends with .png, got out.jpg'],
  ['--repeat', ['--repeat', 'often'], '--repeat: wanted a number, got often'],
  ['--repeat of none', ['--repeat', '0'], '--repeat: wanted a whole number of at least 1, got 0'],
  ['--labels without --decode', ['--labels', 'l'], '--labels: wanted --decode classes or boxes, got none'],
  ['--output without --decode', ['--output', 'y'], '--output: wanted --decode ctc or classes or boxes, got none'],
  ['--draw of classes', ['--decode', 'classes', '--draw', 'd.png'], '--draw: wanted --decode boxes, got --decode classes'],
  ['--score of classes', ['--decode', 'classes', '--score', '1'], '--score: wanted --decode boxes, got --decode classes'],
  ['--keys of boxes', ['--decode', 'boxes', '--keys', 'k'], '--keys: wanted --decode ctc, got --decode boxes'],
  ['--labels of text', ['--decode', 'ctc', '--keys', 'k', '--labels', 'l'], '--labels: wanted --decode classes or boxes, got --decode ctc'],
])('fails when %s is wrong', (_, args, message) => {
  expect(() => predictOptions(...args)).toThrow(new UsageError(message));
});

it('fails when a capture is to be repeated', () => {
  const capture = ['-a', 's', 'PredictAndCapture', 'm', 'x', '--repeat', '2'];
  expect(() => readArguments(capture)).toThrow(new UsageError('--repeat: wanted Predict, got PredictAndCapture'));
});

it('fails when metrics are wanted of no file', () => {
  expect(() => readArguments(['Metrics'])).toThrow(new UsageError('Metrics: wanted 1 argument(s), got 0'));
});

it('several files are an input each, or the items of a batch', () => {
  expect(predictOptions('y', '--input', 'a=z').files).toEqual([{ input: 'a', path: 'z' }, { path: 'x' }, { path: 'y' }]);
});
