import { readdirSync } from 'node:fs';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { CompilationTarget, CompilerOptions, Framework, ModelInput, ModelSource, TargetDevice } from '../../../lib';
import { onnxBytes } from '../onnx-bytes';
import { modelArchive, modelFolder, tarList } from '../temp-models';

type Files = Record<string, string | Buffer>;

const inputs = [ModelInput.tensor('x', [1, 3, 48, 320])];
const cfg = '# tiny\n[net]\nbatch=1\nwidth = 416\nheight=416\nchannels=3\n\n[convolutional]\nfilters=16\n';
const weights = Buffer.alloc(64);
weights.writeInt32LE(2, 4); // version 0.2
const darknet = Framework.darknet({ inputs: [ModelInput.tensor('data', [1, 3, 416, 416])] });

function packed(framework: Framework, source: string, target?: CompilationTarget): string[] {
  const app = new App();
  ModelSource.fromAsset(source)._bind(new Stack(app, 'Stack'), framework, target);
  const { directory } = app.synth();
  const [archive = ''] = readdirSync(directory).filter((name) => name.endsWith('.tar.gz'));
  return tarList(path.join(directory, archive));
}

const complete: [string, Framework, Files][] = [
  ['ONNX', Framework.onnx({ inputs }), { 'model.onnx': onnxBytes() }],
  ['KERAS', Framework.keras({ inputs }), { 'model.h5': '' }],
  ['TFLITE', Framework.tflite({ inputs }), { 'model.tflite': '' }],
  ['XGBOOST', Framework.xgboost(), { 'xgb.model': '' }],
  ["XGBOOST, of SageMaker's training", Framework.xgboost(), { 'xgboost-model': '' }],
  ['PYTORCH, .pth', Framework.pytorch({ inputs }), { 'model.pth': '' }],
  ['PYTORCH, .pt', Framework.pytorch({ inputs }), { 'model.pt': '' }],
  ['DARKNET', darknet, { 'yolo.cfg': cfg, 'yolo.weights': weights }],
  ['MXNET', Framework.mxnet({ inputs }), { 'net-symbol.json': '', 'net-0000.params': '' }],
  ['TENSORFLOW, frozen', Framework.tensorflow({ inputs }), { 'graph.pb': '' }],
  [
    'TENSORFLOW, saved',
    Framework.tensorflow({ inputs }),
    { 'saved_model.pbtxt': '', 'variables/variables.index': '', 'variables/variables.data-00000-of-00001': '' },
  ],
];

test.each(complete)('the files of a model are packed without those beside them: %s', (_name, framework, files) => {
  expect(packed(framework, modelFolder({ ...files, 'notes.txt': '' }))).toEqual(Object.keys(files).sort());
});

test('for scikit-learn, of which nothing is known, everything is packed', () => {
  expect(packed(Framework.sklearn(), modelFolder({ 'model.joblib': '', 'a/b': '' }))).toEqual(['a/b', 'model.joblib']);
});

const refused: [string, Framework, Files, string][] = [
  ['no model', Framework.onnx({ inputs }), { 'model.pb': '' }, 'ONNX archive must hold exactly one .onnx file at its root, got none among model.pb'],
  [
    'several graphs',
    Framework.tensorflow({ inputs }),
    { 'a.pb': '', 'b.pbtxt': '' },
    'TENSORFLOW archive must hold exactly one .pb or .pbtxt file at its root, got a.pb, b.pbtxt',
  ],
  [
    'variables in a sub-folder',
    Framework.tensorflow({ inputs }),
    { 'a.pb': '', 'export/variables/x': '' },
    'TENSORFLOW archive must hold the folder variables at its root, got export/variables/x',
  ],
  ['no .h5', Framework.keras({ inputs }), { 'model.keras': '' }, 'KERAS archive must hold exactly one .h5 file at its root, got none among model.keras'],
  [
    'several .h5',
    Framework.keras({ inputs }),
    { 'a.h5': '', 'b.h5': '' },
    'KERAS archive must hold exactly one .h5 file at its root, got a.h5, b.h5',
  ],
  [
    '.h5 in a sub-folder',
    Framework.keras({ inputs }),
    { 'export/a.h5': '' },
    'KERAS archive must hold exactly one .h5 file at its root, got export/a.h5',
  ],
  [
    'several .params',
    Framework.mxnet({ inputs }),
    { 'a-symbol.json': '', 'a.params': '', 'b.params': '' },
    'MXNET archive must hold exactly one .params file at its root, got a.params, b.params',
  ],
  ['no symbol', Framework.mxnet({ inputs }), { 'a.params': '' }, 'MXNET archive must hold exactly one -symbol.json file at its root, got none among a.params'],
  [
    'two PyTorch models',
    Framework.pytorch({ inputs }),
    { 'a.pt': '', 'a.pth': '' },
    'PYTORCH archive must hold exactly one .pth or .pt file at its root, got a.pt, a.pth',
  ],
  ['no .tflite', Framework.tflite({ inputs }), { 'a.pb': '' }, 'TFLITE archive must hold exactly one .tflite file at its root, got none among a.pb'],
  ['no .model', Framework.xgboost(), { 'notes.txt': '' }, 'XGBOOST archive must hold exactly one .model or xgboost-model file at its root, got none among notes.txt'],
  ['weights alone', darknet, { 'yolo.weights': weights }, 'DARKNET archive must hold exactly one .cfg file at its root, got none among yolo.weights'],
  [
    'many files, of which some are named',
    Framework.xgboost(),
    Object.fromEntries('abcdefg'.split('').map((name) => [name, ''])),
    'got none among a, b, c, d, e and 2 more',
  ],
];

test.each(refused)('a folder fails with %s', (_name, framework, files, message) => {
  expect(() => packed(framework, modelFolder(files))).toThrow(message);
});

test.each(refused)('an archive fails with %s', (_name, framework, files, message) => {
  expect(() => packed(framework, modelArchive(files))).toThrow(message);
});

test('an archive fails with nothing at all', () => {
  expect(() => packed(Framework.sklearn(), modelArchive({}, 'model.tar.gz', ['-T', '/dev/null']))).toThrow(
    'SKLEARN archive must hold a model, got no files',
  );
});

describe("TensorFlow's files beside the graph", () => {
  const files = { 'saved_model.pb': '', 'keras_metadata.pb': '', 'fingerprint.pb': '', '._saved_model.pb': '', 'variables/variables.index': '' };

  test("are left out of a folder, as are macOS's shadows", () => {
    expect(packed(Framework.tensorflow({ inputs }), modelFolder(files))).toEqual(['saved_model.pb', 'variables/variables.index']);
  });

  test('fail in an archive, which is uploaded as it is', () => {
    const archived = { 'saved_model.pb': '', 'keras_metadata.pb': '', 'fingerprint.pb': '' };
    expect(() => packed(Framework.tensorflow({ inputs }), modelArchive(archived))).toThrow(
      'exactly one .pb or .pbtxt file at its root, got fingerprint.pb, keras_metadata.pb, saved_model.pb',
    );
  });
});

test("an archive fails with macOS's shadow of the model in it", () => {
  expect(() => packed(Framework.keras({ inputs }), modelArchive({ 'a.h5': '', '._a.h5': '' }))).toThrow(
    'exactly one .h5 file at its root, got ._a.h5, a.h5',
  );
});

describe('what the target wants', () => {
  const coreMl = CompilationTarget.device(TargetDevice.COREML, { compilerOptions: CompilerOptions.coreMl('labels.txt') });
  const tensorflow = Framework.tensorflow({ inputs });

  test('the class labels of CoreML are packed', () => {
    expect(packed(tensorflow, modelFolder({ 'a.pb': '', 'labels.txt': '', 'other.txt': '' }), coreMl)).toEqual(['a.pb', 'labels.txt']);
  });

  test('fails when the class labels of CoreML are missing', () => {
    expect(() => packed(tensorflow, modelFolder({ 'a.pb': '' }), coreMl)).toThrow(
      'archive must hold the file labels.txt that the compiler options name, got a.pb',
    );
  });

  const ambarella = CompilationTarget.device(TargetDevice.AMBA_CV22);

  test('the configuration and the calibration data of Ambarella are packed', () => {
    const files = { 'model.onnx': onnxBytes(), 'amba_config.json': '{}', 'calibration/1.bin': '' };
    expect(packed(Framework.onnx({ inputs }), modelFolder(files), ambarella)).toEqual(Object.keys(files).sort());
  });

  test.each<[string, Files]>([
    ['configuration', { 'calibration/1.bin': '' }],
    ['calibration data', { 'amba_config.json': '{}' }],
  ])('fails when the %s of Ambarella is missing', (_name, files) => {
    expect(() => packed(Framework.onnx({ inputs }), modelFolder({ 'model.onnx': onnxBytes(), ...files }), ambarella)).toThrow(
      /must also hold a \*config.json at its root and a folder of calibration data/,
    );
  });
});

describe('an ONNX file', () => {
  const check = (given: ModelInput[], model = onnxBytes()): string[] => packed(
    Framework.onnx({ inputs: given }),
    modelFolder({ 'model.onnx': model }),
  );

  test('passes with shapes that fit', () => {
    expect(() => check([ModelInput.tensor('x', [8, 3, 48, 100])])).not.toThrow();
  });

  test('passes with any shape where the model leaves it open', () => {
    expect(() => check([ModelInput.tensor('x', [1, 2])], onnxBytes({ inputs: [{ name: 'x' }] }))).not.toThrow();
  });

  test.each<[string, ModelInput[], string]>([
    ['an unknown input', [ModelInput.tensor('y', [1])], "the inputs of model.onnx are x float32[N, 3, 48, W], got an input named 'y'"],
    ['another rank', [ModelInput.tensor('x', [1, 3, 48])], "shape of input 'x' must have 4 dimensions, got 3: wanted [N, 3, 48, W], got [1, 3, 48]"],
    [
      'another fixed dimension',
      [ModelInput.tensor('x', [1, 3, 64, 320])],
      "dimension 2 of input 'x' is fixed in the model: wanted [N, 3, 48, W], got [1, 3, 64, 320]",
    ],
  ])('fails with %s', (_name, given, message) => {
    expect(() => check(given)).toThrow(message);
  });

  test('fails when an input has no shape', () => {
    const model = onnxBytes({ inputs: [{ name: 'x', dims: [1] }, { name: 'state', dims: [2] }] });
    expect(() => check([ModelInput.tensor('x', [1])], model)).toThrow("the inputs of model.onnx are x float32[1], state float32[2], got no shape for 'state'");
  });

  test('fails when it is no model', () => {
    expect(() => check(inputs, Buffer.from('hello'))).toThrow(/Stack: model.onnx is not an ONNX model: /);
  });
});

describe('a Darknet model', () => {
  const check = (config: string, shape: number[], bytes: Buffer = weights): string[] =>
    packed(Framework.darknet({ inputs: [ModelInput.tensor('data', shape)] }), modelFolder({ 'y.cfg': config, 'y.weights': bytes }));

  test('passes in the old spelling, with any batch size', () => {
    expect(() => check(cfg.replace('[net]', '[network]'), [7, 3, 416, 416])).not.toThrow();
  });

  test.each<[string, string, number[], string]>([
    ['another shape', cfg, [1, 3, 608, 608], "shape of input 'data' must agree with y.cfg: wanted [N, 3, 416, 416], got [1, 3, 608, 608]"],
    ['NHWC', cfg, [1, 416, 416, 3], 'wanted [N, 3, 416, 416], got [1, 416, 416, 3]'],
    ['another rank', cfg, [3, 416, 416], 'wanted [N, 3, 416, 416], got [3, 416, 416]'],
    ['no [net] section', '[convolutional]\n', [1, 3, 416, 416], "y.cfg is not a Darknet configuration: its first section must be [net], got '[convolutional]'"],
    ['no width', cfg.replace(/width.*/, ''), [1, 3, 416, 416], 'width in the [net] section of y.cfg must be a positive whole number, got nothing'],
    [
      'a width that is none',
      cfg.replace(/width.*/, 'width=wide'),
      [1, 3, 416, 416],
      'width in the [net] section of y.cfg must be a positive whole number, got wide',
    ],
  ])('fails with %s', (_name, config, shape, message) => {
    expect(() => check(config, shape)).toThrow(message);
  });

  test('fails with two inputs', () => {
    const framework = Framework.darknet({ inputs: [1, 2].map((at) => ModelInput.tensor(`data${at}`, [1, 3, 416, 416])) });
    expect(() => packed(framework, modelFolder({ 'y.cfg': cfg, 'y.weights': weights }))).toThrow(
      'DARKNET needs exactly 1 input with a shape, got 2',
    );
  });

  test.each<[string, Buffer, string]>([
    ['short weights', Buffer.alloc(8), 'got 8 bytes'],
    ['weights that are a text', Buffer.from('version https://git-lfs.github.com/spec/v1'), 'got 42 bytes and version'],
    ['weights that end in the header', weights.subarray(0, 16), 'got 16 bytes and version 0.2'],
  ])('fails with %s', (_name, bytes, message) => {
    expect(() => check(cfg, [1, 3, 416, 416], bytes)).toThrow(message);
  });
});
