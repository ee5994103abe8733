import { App, aws_s3 as s3, Stack } from 'aws-cdk-lib';
import { Capture, Template } from 'aws-cdk-lib/assertions';
import { CompilationJob, CompilationTarget, Framework, ModelInput, ModelSource, TargetArch, TargetDevice, TargetOs } from '../../../lib';
import { onnxBytes, type TensorSpec } from '../onnx-bytes';
import { modelArchive, modelFile, modelFolder } from '../temp-models';

const target = CompilationTarget.platform({ os: TargetOs.LINUX, arch: TargetArch.X86_64 });
const image: TensorSpec = { name: 'images', dims: [1, 3, 640, 640] };
const fixed = onnxBytes({ inputs: [image] });

/** The stack of a job that gives no inputs, unless `framework` has some. */
function compiled(model: ModelSource, framework = Framework.onnx()): Stack {
  const stack = new Stack(new App(), 'Stack');
  new CompilationJob(stack, 'Compile', { model, framework, target });
  return stack;
}

function sent(stack: Stack): string {
  const config = new Capture();
  Template.fromStack(stack).hasResourceProperties('Custom::SageMakerEdge-CompilationJob', { Input: { DataInputConfig: config } });
  return config.asString();
}

describe('the inputs of an ONNX model that gives none', () => {
  test.each<[string, () => string]>([
    ['a file', () => modelFile('yolo.onnx', fixed)],
    ['a folder', () => modelFolder({ 'yolo.onnx': fixed, 'labels.txt': '' })],
    ['an archive', () => modelArchive({ 'yolo.onnx': fixed })],
  ])('are those of %s', (_name, path) => {
    expect(sent(compiled(ModelSource.fromAsset(path())))).toBe('{"images":[1,3,640,640]}');
  });

  test('keep the order of the file, and a scalar has an empty shape', () => {
    const model = onnxBytes({ inputs: [{ name: 'z', dims: [2] }, { name: '10', dims: [] }, { name: 'a', dims: [1, 4] }] });
    expect(sent(compiled(ModelSource.fromAsset(modelFile('m.onnx', model))))).toBe('{"z":[2],"10":[],"a":[1,4]}');
  });

  test('are those of the weights neither: old files list them as inputs, too', () => {
    const model = onnxBytes({ inputs: [image, { name: 'w', dims: [256] }], weights: ['w'] });
    expect(sent(compiled(ModelSource.fromAsset(modelFile('m.onnx', model))))).toBe('{"images":[1,3,640,640]}');
  });

  test('are taken anew for each job of one framework', () => {
    const framework = Framework.onnx();
    const other = onnxBytes({ inputs: [{ name: 'x', dims: [1] }] });
    expect([fixed, other].map((model) => sent(compiled(ModelSource.fromAsset(modelFile('m.onnx', model)), framework)))).toEqual([
      '{"images":[1,3,640,640]}', '{"x":[1]}',
    ]);
  });

  test('give way to those that are given', () => {
    const model = ModelSource.fromAsset(modelFile('m.onnx', onnxBytes()));
    expect(sent(compiled(model, Framework.onnx({ inputs: [ModelInput.tensor('x', [2, 3, 48, 64])] })))).toBe('{"x":[2,3,48,64]}');
  });

  test.each<[string, TensorSpec[], string]>([
    [
      'a dimension is open',
      [{ name: 'x', dims: ['N', 3, 48, 'W'] }, { name: 'scale', dims: [1] }],
      'the inputs of m.onnx are x float32[N, 3, 48, W], scale float32[1], and Neo takes fixed shapes alone: give inputs: '
      + "[ModelInput.tensor('x', [1 /* N */, 3, 48, 1 /* W */]), ModelInput.tensor('scale', [1])], with your own sizes",
    ],
    ['a dimension has no name', [{ name: 'x', dims: [undefined, 3] }], "x float32[?, 3], and Neo takes fixed shapes alone: give inputs: [ModelInput.tensor('x', [1 /* ? */, 3])]"],
    ['a dimension is 0', [{ name: 'x', dims: [0] }], "give inputs: [ModelInput.tensor('x', [1 /* ? */])]"],
    ['an input has no shape', [{ name: 'x' }], "x float32[...], and Neo takes fixed shapes alone: give inputs: [ModelInput.tensor('x', [1 /* the whole shape */])]"],
  ])('fail with the line to paste when %s', (_name, inputs, message) => {
    expect(() => compiled(ModelSource.fromAsset(modelFile('m.onnx', onnxBytes({ inputs }))))).toThrow(message);
  });

  test('fail with the path of the construct when a dimension is open', () => {
    expect(() => compiled(ModelSource.fromAsset(modelFile('m.onnx', onnxBytes())))).toThrow(/^Stack\/Compile: the inputs of m\.onnx are /);
  });

  test('fail when the model has none', () => {
    expect(() => compiled(ModelSource.fromAsset(modelFile('m.onnx', onnxBytes({ inputs: [] }))))).toThrow('ONNX needs at least 1 input, got none');
  });

  test('fail when the model is in a bucket', () => {
    const stack = new Stack(new App(), 'Stack');
    const model = ModelSource.fromBucket(s3.Bucket.fromBucketName(stack, 'Models', 'models'), 'model.tar.gz');
    expect(() => new CompilationJob(stack, 'Compile', { model, framework: Framework.onnx(), target })).toThrow(
      'Stack/Compile: the inputs of an ONNX model in a bucket must be given, since its file is not read at synth, got none: '
      + "give Framework.onnx({ inputs: [ModelInput.tensor('<name>', [<sizes>])] })",
    );
  });

  test('fail after the target has refused the framework', () => {
    const stack = new Stack(new App(), 'Stack');
    const model = ModelSource.fromAsset(modelFile('m.onnx', onnxBytes()));
    expect(() => new CompilationJob(stack, 'Compile', {
      model, framework: Framework.onnx(), target: CompilationTarget.device(TargetDevice.COREML),
    })).toThrow('framework for the target coreml must be TENSORFLOW or PYTORCH, got ONNX');
  });
});
