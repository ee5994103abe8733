import { App, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import {
  CompilationTarget, CompilerDtype, CompilerOptions, CoreMlShape, Framework, ModelInput, TargetArch, TargetDevice, TargetOs,
} from '../../../lib';
import type { RenderedFramework } from '../../../lib/model/private/neo-request';

const linux = CompilationTarget.platform({ os: TargetOs.LINUX, arch: TargetArch.X86_64 });
const coreMl = CompilationTarget.device(TargetDevice.COREML);
const image = ModelInput.tensor('data', [1, 3, 224, 224]);

function render(framework: Framework, target = linux): RenderedFramework {
  return framework._render(new Stack(new App(), 'Stack'), target);
}

test.each([
  ['ONNX', Framework.onnx({ inputs: [image] })],
  ['DARKNET', Framework.darknet({ inputs: [image] })],
  ['TENSORFLOW', Framework.tensorflow({ inputs: [image] })],
  ['KERAS', Framework.keras({ inputs: [image] })],
  ['MXNET', Framework.mxnet({ inputs: [image] })],
  ['PYTORCH', Framework.pytorch({ inputs: [image] })],
  ['TFLITE', Framework.tflite({ inputs: [image] })],
])('%s sends its inputs as a dictionary, and no version', (framework, made) => {
  expect(render(made)).toEqual({ framework, dataInputConfig: '{"data":[1,3,224,224]}', frameworkVersion: undefined });
});

test.each([['XGBOOST', Framework.xgboost()], ['SKLEARN', Framework.sklearn()]])('%s sends no inputs', (framework, made) => {
  expect(render(made)).toEqual({ framework, dataInputConfig: undefined, frameworkVersion: undefined });
});

test('inputs keep their order, also those that are named by numbers', () => {
  const inputs = ['z', '10', '2', 'a"b'].map((name) => ModelInput.tensor(name, [1]));
  expect(render(Framework.mxnet({ inputs })).dataInputConfig).toBe('{"z":[1],"10":[1],"2":[1],"a\\"b":[1]}');
});

test('the inputs are those of the moment when the framework was made', () => {
  const [inputs, shape] = [[image], [1]];
  const framework = Framework.onnx({ inputs: [ModelInput.tensor('x', shape)] });
  const other = Framework.onnx({ inputs });
  shape.push(2);
  inputs.push(image);
  expect([render(framework).dataInputConfig, render(other).dataInputConfig]).toEqual(['{"x":[1]}', '{"data":[1,3,224,224]}']);
});

test('a name that is known at deployment passes', () => {
  expect(() => render(Framework.onnx({ inputs: [ModelInput.tensor(Lazy.string({ produce: () => 'x' }), [1])] }))).not.toThrow();
});

test('an ONNX scalar has an empty shape', () => {
  expect(render(Framework.onnx({ inputs: [ModelInput.tensor('sr', [])] })).dataInputConfig).toBe('{"sr":[]}');
});

test('PyTorch sends inputs without names as a list', () => {
  const inputs = [ModelInput.unnamedTensor([1, 3, 224, 224]), ModelInput.unnamedTensor([1, 2])];
  expect(render(Framework.pytorch({ inputs })).dataInputConfig).toBe('[[1,3,224,224],[1,2]]');
});

test.each<[string, Framework, string]>([
  ['there is no input', Framework.onnx({ inputs: [] }), 'ONNX needs at least 1 input, got none'],
  [
    'an input has no name',
    Framework.onnx({ inputs: [ModelInput.unnamedTensor([1])] }),
    'ONNX inputs must have a name (only PYTORCH takes them without), got one without',
  ],
  [
    'some inputs have a name',
    Framework.pytorch({ inputs: [image, ModelInput.unnamedTensor([1])] }),
    'PYTORCH inputs must all have a name or none, got 1 names for 2 inputs',
  ],
  ['two inputs have one name', Framework.mxnet({ inputs: [image, image] }), "each input must have a name of its own, got 'data' twice"],
  [
    'PyTorch names do not sort as the inputs',
    Framework.pytorch({ inputs: ['input2', 'input10'].map((name) => ModelInput.tensor(name, [1])) }),
    'wanted input10, input2, got input2, input10',
  ],
  [
    'a shape is empty',
    Framework.keras({ inputs: [ModelInput.tensor('x', [])] }),
    "shape of input 'x' must have at least 1 dimension, got []",
  ],
  [
    'a Keras shape is NHWC',
    Framework.keras({ inputs: [ModelInput.tensor('x', [1, 224, 200, 3])] }),
    "shape of input 'x' must be NCHW for KERAS (although the file is NHWC), wanted [1, 3, 224, 200], got [1, 224, 200, 3]",
  ],
  [
    'a Darknet shape is NHWC',
    Framework.darknet({ inputs: [ModelInput.tensor('data', [1, 416, 320, 3])] }),
    "shape of input 'data' must be NCHW for DARKNET, wanted [1, 3, 416, 320], got [1, 416, 320, 3]",
  ],
  [
    'the inputs are too long',
    Framework.onnx({ inputs: [ModelInput.tensor('x'.repeat(16384), [1])] }),
    'inputs as JSON must have at most 16384 characters, got 16392',
  ],
])('fails when %s', (_name, framework, message) => {
  expect(() => render(framework)).toThrow(message);
});

describe('the layout of a picture', () => {
  const nchw = [ModelInput.tensor('x', [1, 3, 224, 200])];
  const nhwc = [ModelInput.tensor('x', [1, 224, 200, 3])];
  const warnings = (framework: Framework): string[] => {
    const stack = new Stack(new App(), 'Stack');
    framework._render(stack, linux);
    return Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry }) => JSON.stringify(entry.data));
  };

  test.each<[string, Framework, string]>([
    ['TENSORFLOW', Framework.tensorflow({ inputs: nchw }), "is usually NHWC for TENSORFLOW, wanted [1, 224, 200, 3], got [1, 3, 224, 200]"],
    ['TFLITE', Framework.tflite({ inputs: nchw }), 'is usually NHWC for TFLITE, wanted [1, 224, 200, 3], got [1, 3, 224, 200]'],
    ['MXNET', Framework.mxnet({ inputs: nhwc }), 'is usually NCHW for MXNET, wanted [1, 3, 224, 200], got [1, 224, 200, 3]'],
    ['PYTORCH', Framework.pytorch({ inputs: nhwc }), 'is usually NCHW for PYTORCH, wanted [1, 3, 224, 200], got [1, 224, 200, 3]'],
  ])('is warned about where %s has another', (_, framework, message) => {
    expect(warnings(framework)).toEqual([
      expect.stringMatching(new RegExp(`^"shape of input 'x' ${message.replace(/[[\]]/g, '\\$&')}: acknowledge .*cdk-sagemaker-edge:Framework\\.inputLayout`)),
    ]);
  });

  test.each<[string, Framework]>([
    ['TENSORFLOW', Framework.tensorflow({ inputs: nhwc })],
    ['TFLITE', Framework.tflite({ inputs: nhwc })],
    ['MXNET', Framework.mxnet({ inputs: nchw })],
    ['PYTORCH', Framework.pytorch({ inputs: nchw })],
    ['KERAS', Framework.keras({ inputs: nchw })],
    ['DARKNET', Framework.darknet({ inputs: nchw })],
    ['ONNX, either way', Framework.onnx({ inputs: nhwc })],
    ['small sides', Framework.tensorflow({ inputs: [ModelInput.tensor('x', [1, 3, 8, 8])] })],
    ['another rank', Framework.pytorch({ inputs: [ModelInput.tensor('x', [224, 224, 3])] })],
  ])('passes as it should be: %s', (_, framework) => {
    expect(warnings(framework)).toEqual([]);
  });
});

describe('the version', () => {
  const versioned = Framework.pytorch({ inputs: [image], frameworkVersion: '1.8' });
  const device = (target: TargetDevice): CompilationTarget => CompilationTarget.device(target);

  test.each([
    linux, device(TargetDevice.JETSON_XAVIER), device(TargetDevice.ML_INF1), device(TargetDevice.LAMBDA),
    device(TargetDevice.of('newer')),
  ])('that is given is sent', (target) => {
    expect(render(versioned, target).frameworkVersion).toBe('1.8');
  });

  test.each([
    TargetDevice.IMX8MPLUS, TargetDevice.JACINTO_TDA4VM, TargetDevice.SITARA_AM57X, TargetDevice.AMBA_CV2,
    TargetDevice.COREML,
  ])('fails for a target that takes none', (target) => {
    expect(() => render(versioned, device(target))).toThrow(`target ${target.deviceName} takes no framework version of PYTORCH: leave frameworkVersion out, got '1.8'`);
  });

  test('fails for a target that takes none of that framework', () => {
    expect(() => render(Framework.mxnet({ inputs: [image], frameworkVersion: '1.8' }), device(TargetDevice.ML_INF2))).toThrow(
      /takes no framework version of MXNET/,
    );
    expect(() => render(Framework.tflite({ inputs: [image], frameworkVersion: '1.15' }), device(TargetDevice.ML_INF1))).toThrow(
      /takes no framework version of TFLITE/,
    );
  });

  test.each([
    ['1', /must have 3 to 10 characters/],
    ['12.0', /must be a version like '1.8', got '12.0'/],
    ['v1.8', /must be a version/],
  ])('fails when it is %s', (frameworkVersion, message) => {
    expect(() => Framework.tensorflow({ inputs: [image], frameworkVersion })).toThrow(message);
  });
});

describe('what belongs to one target', () => {
  const flexible = { shape: CoreMlShape.fixed([1, 224, 224, 3]) };

  test('CoreML inputs are sent to CoreML', () => {
    expect(render(Framework.tensorflow({ inputs: [ModelInput.coreMl('x', flexible)] }), coreMl).dataInputConfig).toBe('{"x":{"shape":[1,224,224,3]}}');
    expect(render(
      Framework.pytorch({ inputs: [ModelInput.unnamedCoreMl(flexible)] }),
      coreMl,
    ).dataInputConfig).toBe('[{"shape":[1,224,224,3]}]');
  });

  test('fails when CoreML inputs are for another target', () => {
    expect(() => render(Framework.tensorflow({ inputs: [ModelInput.coreMl('x', flexible)] }))).toThrow(
      "input 'x' is made by ModelInput.coreMl, which is for the target coreml alone: give a ModelInput.tensor",
    );
  });

  test('fails when CoreML shall take a model that its converter does not know', () => {
    expect(() => render(Framework.onnx({ inputs: [image] }), coreMl)).toThrow(
      'framework for the target coreml must be TENSORFLOW or PYTORCH, got ONNX',
    );
  });

  test('the type of the input is for PyTorch alone', () => {
    const target = CompilationTarget.device(TargetDevice.ML_C5, { compilerOptions: CompilerOptions.inputType(CompilerDtype.INT64) });
    expect(() => render(Framework.pytorch({ inputs: [image] }), target)).not.toThrow();
    expect(() => render(Framework.onnx({ inputs: [image] }), target)).toThrow(
      'compiler option dtype is for PYTORCH models alone, got framework ONNX',
    );
  });
});
