import { InferenceSession } from 'onnxruntime-node';
import { version as installedRuntime } from 'onnxruntime-node/package.json';
import { App, Stack } from 'aws-cdk-lib';
import { carrierOf } from '../../../agent/runtime/carriers';
import { ModelInput, ModelSource, OnnxModel } from '../../../lib';
import { MAX_IR_VERSION, MAX_OPSETS, ONNX_RUNTIME_VERSION } from '../../../lib/model/private/onnx-device-rules';
import { onnxBytes, type ModelSpec, type TensorSpec } from '../onnx-bytes';
import { modelFile } from '../temp-models';

const one: ModelSpec = { inputs: [{ name: 'x', dims: [1] }], outputs: [{ name: 'y', dims: [1] }], identity: true, irVersion: 8 };

function pack(spec: ModelSpec, inputs?: ModelInput[]): OnnxModel {
  return new OnnxModel(new Stack(new App(), 'Stack'), 'Model', {
    model: ModelSource.fromAsset(modelFile('model.onnx', onnxBytes(spec))), modelName: 'model', modelVersion: '1', ...inputs ? { inputs } : {},
  });
}

function opens(spec: ModelSpec): Promise<InferenceSession> {
  return InferenceSession.create(modelFile('model.onnx', onnxBytes(spec)), { logSeverityLevel: 4 });
}

describe('the limits are those of the runtime in the agent', () => {
  const newest = { ...one, irVersion: MAX_IR_VERSION, opsets: Object.fromEntries(MAX_OPSETS) };

  test('its version is the one that is installed', () => {
    expect(installedRuntime).toBe(ONNX_RUNTIME_VERSION);
  });

  test('it opens the newest IR version and operator sets that are taken at synth', async () => {
    await expect(opens(newest)).resolves.toBeDefined();
    expect(() => pack(newest)).not.toThrow();
  });

  test.each<[string, ModelSpec, string]>([
    [
      'IR version', { ...newest, irVersion: MAX_IR_VERSION + 1 },
      'wanted an IR version of at most 13, got 14: set model.ir_version = 13 before onnx.save(model, ...)',
    ],
    ['opset', { ...newest, opsets: { '': 27 } }, 'wanted an opset of at most 26, got 27: export it with opset_version=26 (torch.onnx.export)'],
    [
      'opset for classic models', { ...newest, opsets: { '': 26, 'ai.onnx.ml': 6 } },
      "wanted an opset ai.onnx.ml of at most 5, got 6: export it with target_opset={'': 26, 'ai.onnx.ml': 5} (skl2onnx)",
    ],
  ])('fails when the %s is one newer, which the runtime does not open either', async (_name, spec, message) => {
    await expect(opens(spec)).rejects.toThrow();
    expect(() => pack(spec)).toThrow(`Stack/Model: model.onnx is too new for ONNX Runtime 1.30.0 of the agent: ${message}`);
  });

  test("fails with both at once for what pip's newest onnx writes by default", () => {
    expect(() => pack({ ...one, irVersion: 14, opsets: { '': 28 } })).toThrow(/at most 13, got 14: .*; wanted an opset of at most 26, got 28: /);
  });

  test('an operator set of somebody else may have any version', () => {
    expect(() => pack({ ...one, opsets: { '': 17, 'com.microsoft': 99 } })).not.toThrow();
  });
});

describe('element types', () => {
  const typed = (elementType: number): ModelSpec => ({
    ...one, inputs: [{ name: 'x', dims: [1], elementType }], outputs: [{ name: 'y', dims: [1], elementType }],
  });

  test.each<[number, string, string]>([
    [1, 'float32', 'float32'], [2, 'uint8', 'uint8'], [3, 'int8', 'int16'], [4, 'uint16', 'int32'], [5, 'int16', 'int16'],
    [6, 'int32', 'int32'], [7, 'int64', 'int64'], [9, 'bool', 'uint8'], [10, 'float16', 'float16'], [11, 'float64', 'float64'],
    [12, 'uint32', 'int64'],
  ])('type %i, %s, is taken at synth, and the agent carries it as %s', async (code, name, carrier) => {
    expect(() => pack(typed(code))).not.toThrow();
    const { inputMetadata } = await opens(typed(code));
    expect(inputMetadata).toMatchObject([{ type: name }]);
    expect(carrierOf('x', name)).toBe(carrier);
  });

  test.each<[number, string, string]>([
    [13, 'uint64', 'int64'], [16, 'bfloat16', 'float32'],
    [17, 'float8e4m3fn', 'float32'], [18, 'float8e4m3fnuz', 'float32'], [19, 'float8e5m2', 'float32'], [20, 'float8e5m2fnuz', 'float32'],
    [21, 'uint4', 'int64'], [22, 'int4', 'int64'], [24, 'float8e8m0', 'float32'],
    [25, 'uint2', 'int64'], [26, 'int2', 'int64'],
  ])('fails when type %i, %s, is an input or an output, and says to cast to %s', (code, name, target) => {
    expect(() => carrierOf('x', name)).toThrow();
    expect(() => pack(typed(code))).toThrow(
      `uint32), got ${name}: declare the input as ${target} and add a Cast to ${name} behind it`,
    );
    expect(() => pack({ ...typed(code), inputs: [{ name: 'x', dims: [1] }] })).toThrow(
      `Stack/Model: output 'y' of model.onnx must be a tensor of a type that the agent's protocol carries (uint8, int16, int32, int64, float16, float32, float64, bool, int8, uint16, uint32), got ${name}: add a Cast to ${target} before the output`,
    );
  });

  test.each<[number, string, string]>([
    [14, 'complex64', 'which the runtime does not know: keep the real and the imaginary part as float32, for example in a last dimension of 2'],
    [15, 'complex128', 'which the runtime does not know: keep the real and the imaginary part as float64, for example in a last dimension of 2'],
    [23, 'float4e2m1', 'for which the runtime has no operators on a CPU: export the model with float32, or quantize it to int8'],
  ])('fails when type %i, %s, is an input or an output, and names no cast, since the runtime has none', (code, name, instead) => {
    expect(() => carrierOf('x', name)).toThrow();
    expect(() => pack(typed(code))).toThrow(new RegExp(`input 'x' of model.onnx must be .*, got ${name}, ${instead}$`));
    expect(() => pack({ ...typed(code), inputs: [{ name: 'x', dims: [1] }] })).toThrow(new RegExp(`output 'y' .*, got ${name}, ${instead}$`));
  });

  test('fails when an input is text', () => {
    expect(() => pack(typed(8))).toThrow(/input 'x' of model.onnx must be .* got string: turn it into numbers before the model/);
  });

  test('an output whose type the file does not say is left to the runtime', () => {
    expect(() => pack({ ...one, outputs: [{ name: 'y', elementType: 0 }] })).not.toThrow();
  });
});

describe("scikit-learn's classifiers", () => {
  const label: TensorSpec = { name: 'label', dims: [undefined], elementType: 8 };
  const probabilities: TensorSpec = { name: 'probabilities', dims: [undefined, 3] };
  const classifier = (...outputs: TensorSpec[]): ModelSpec => ({ inputs: [{ name: 'X', dims: [undefined, 4] }], outputs });
  const ready = "onnx.utils.extract_model('model.onnx', 'numbers.onnx', ['X'], ['probabilities'])";

  test.each<[string, TensorSpec[], string]>([
    [
      'text labels and a ZipMap', [label, { name: 'map', kind: 4 }],
      "got string: export a classifier of scikit-learn with options={'zipmap': False} (skl2onnx), and train a classifier of scikit-learn with whole numbers for labels",
    ],
    [
      'a ZipMap', [{ ...label, elementType: 7 }, { name: 'map', kind: 4 }],
      "got a sequence: export a classifier of scikit-learn with options={'zipmap': False} (skl2onnx), or keep the other outputs alone by onnx.utils",
    ],
    ['a map', [{ name: 'map', kind: 5 }], "got a map: export a classifier of scikit-learn with options={'zipmap': False} (skl2onnx)"],
    [
      'text labels', [label, probabilities],
      `got string: train a classifier of scikit-learn with whole numbers for labels, or keep the other outputs alone by ${ready}`,
    ],
    ['a value that may be missing', [{ name: 'maybe', kind: 9 }], 'got an optional value'],
  ])('fails when the outputs are %s', (_name, outputs, message) => {
    expect(() => pack(classifier(...outputs))).toThrow(message);
  });

  test('are taken with whole numbers for labels and without ZipMap', () => {
    expect(() => pack(classifier({ ...label, elementType: 7 }, probabilities))).not.toThrow();
  });
});

test('fails when an output has another type beside one that can be kept', () => {
  const outputs = [{ name: 'count', elementType: 13 }, { name: 'y', dims: [1] }];
  expect(() => pack({ outputs })).toThrow(/got uint64: add a Cast to int64 before the output$/);
});

test('shapes that the model fixes need not be given', () => {
  expect(() => pack({ inputs: [{ name: 'images', dims: [1, 3, 640, 640] }], outputs: [{ name: 'output0', dims: [1, 84, 8400] }] })).not.toThrow();
});

test.each<[string, ModelInput[]]>([['missing', []], ['unknown', [ModelInput.tensor('z', [1])]]])(
  'fails when an input is %s, with the line to paste',
  (_name, inputs) => {
    expect(() => pack({ inputs: [{ name: 'x', dims: ['N', 3, 48, undefined] }, { name: 'size', dims: [] }] }, inputs)).toThrow(
      "give inputs: [ModelInput.tensor('x', [1 /* N */, 3, 48, 1 /* ? */]), ModelInput.tensor('size', [])], with your own sizes",
    );
  },
);
