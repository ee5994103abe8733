import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, aws_ecr as ecr, aws_s3 as s3, Duration, Fn, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { EndpointImage, EndpointInstanceType, EndpointModel, ModelInput, ModelSource, type TritonModelOptions } from '../../../lib';
import { fileContent, wholeOf } from '../../../lib/private/archive/content';
import { storedContent } from '../../../lib/private/archive/gzip';
import { readTar } from '../../../lib/private/archive/tar';
import { onnxBytes, type ModelSpec } from '../onnx-bytes';
import { modelFile, modelFolder } from '../temp-models';
import { EU, endpointIn, has, statementsWith, stackIn, variant } from './endpoint-stack';

/** The files of the one archive of an app, as text. */
function packed(model: EndpointModel): Map<string, string> {
  const app = new App();
  const stack = new Stack(app, 'Demo', EU);
  endpointIn(stack, { variants: [variant({ model })] });
  const { directory } = app.synth();
  const [archive, ...more] = fs.readdirSync(directory).filter((name) => name.endsWith('.gz'));
  expect(more).toEqual([]);
  const files = readTar(storedContent(fileContent(path.join(directory, archive ?? ''))));
  return new Map(files?.map((file) => [file.path, wholeOf(file.content).toString('latin1')]));
}

const triton = (spec: ModelSpec = {}, options: TritonModelOptions = {}): EndpointModel =>
  EndpointModel.triton(ModelSource.fromAsset(modelFile('reader.onnx', onnxBytes(spec))), options);

function bind(model: EndpointModel, instanceType = EndpointInstanceType.M5_XLARGE): Stack {
  const stack = stackIn();
  endpointIn(stack, { variants: [variant({ model, instanceType })] });
  return stack;
}

describe('an ONNX model for Triton', () => {
  test('is packed as a model repository', () => {
    const files = packed(triton());
    expect([...files.keys()]).toEqual(['model/1/model.onnx', 'model/config.pbtxt']);
    expect(files.get('model/1/model.onnx')).toBe(onnxBytes().toString('latin1'));
  });

  test('has a configuration with the shapes of its file', () => {
    expect(packed(triton()).get('model/config.pbtxt')).toBe([
      'name: "model"',
      'backend: "onnxruntime"',
      'max_batch_size: 0',
      'input [ { name: "x" data_type: TYPE_FP32 dims: [ -1, 3, 48, -1 ] } ]',
      'output [ { name: "y" data_type: TYPE_FP32 dims: [ 1 ] } ]',
      '',
    ].join('\n'));
  });

  test('is configured by Triton where its file leaves a shape open', () => {
    expect(packed(triton({ outputs: [{ name: 'y' }] })).get('model/config.pbtxt')).toBe('name: "model"\nbackend: "onnxruntime"\nmax_batch_size: 0\n');
  });

  test('is batched where that is asked for', () => {
    const spec = { inputs: [{ name: 'x', dims: ['N', 4] }], outputs: [{ name: 'y', dims: ['N'] }] };
    const model = triton(spec, { maxBatchSize: 8, maxQueueDelay: Duration.millis(2), instancesPerProcessor: 2 });
    expect(packed(model).get('model/config.pbtxt')).toBe([
      'name: "model"',
      'backend: "onnxruntime"',
      'max_batch_size: 8',
      'input [ { name: "x" data_type: TYPE_FP32 dims: [ 4 ] } ]',
      'output [ { name: "y" data_type: TYPE_FP32 dims: [ 1 ] reshape: { shape: [ ] } } ]',
      'instance_group [ { count: 2 } ]',
      'dynamic_batching { max_queue_delay_microseconds: 2000 }',
      '',
    ].join('\n'));
  });

  test('quotes names', () => {
    expect(packed(triton({ inputs: [{ name: 'a"b', dims: [1] }] })).get('model/config.pbtxt')).toContain('name: "a\\"b"');
  });

  test('keeps its weights beside it, and leaves other files out', () => {
    const folder = modelFolder({ 'a.onnx': onnxBytes({ externalData: ['w/a.data'] }), 'w/a.data': 'data', 'README.md': 'text' });
    expect([...packed(EndpointModel.triton(ModelSource.fromAsset(folder), { modelName: 'reader' })).keys()]).toEqual([
      'reader/1/model.onnx', 'reader/1/w/a.data', 'reader/config.pbtxt',
    ]);
  });

  test('takes a configuration of the user\'s as it is', () => {
    const config = 'name: "reader"\nplatform: "onnxruntime_onnx"\ninput [ { name: "x" } ]\n';
    const folder = modelFolder({ 'a.onnx': onnxBytes(), 'config.pbtxt': config });
    expect(packed(EndpointModel.triton(ModelSource.fromAsset(folder), { modelName: 'reader' })).get('reader/config.pbtxt')).toBe(config);
  });

  test('fails when that configuration has another name', () => {
    const folder = modelFolder({ 'a.onnx': onnxBytes(), 'config.pbtxt': 'name: "reader"' });
    expect(() => bind(EndpointModel.triton(ModelSource.fromAsset(folder)))).toThrow("the name in config.pbtxt must be the modelName, 'model', got 'reader'");
  });

  test('fails when that configuration and an option say how it is served', () => {
    const folder = modelFolder({ 'a.onnx': onnxBytes(), 'config.pbtxt': '' });
    expect(() => bind(EndpointModel.triton(ModelSource.fromAsset(folder), { maxBatchSize: 4 }))).toThrow('maxBatchSize must stand in config.pbtxt');
  });

  test('is named to Triton, which logs no request in full', () => {
    has(bind(triton({}, { modelName: 'reader', environment: { A: 'b' } })), 'AWS::SageMaker::Model', {
      PrimaryContainer: { Environment: { A: 'b', SAGEMAKER_TRITON_DEFAULT_MODEL_NAME: 'reader', SAGEMAKER_TRITON_LOG_VERBOSE: 'false' } },
    });
  });

  test.each([
    ['an instance with a GPU', EndpointInstanceType.G4DN_XLARGE, '25.09-py3'], ['an instance without one', EndpointInstanceType.M5_XLARGE, '25.09-py3-cpu'],
  ])('gets the image for %s', (_, instanceType, tag) => {
    has(bind(triton(), instanceType), 'AWS::SageMaker::Model', {
      PrimaryContainer: { Image: { 'Fn::Join': ['', ['763104351884.dkr.ecr.eu-west-1.', { Ref: 'AWS::URLSuffix' }, `/sagemaker-tritonserver:${tag}`]] } },
    });
  });

  test.each<[string, ModelSpec, TritonModelOptions, string]>([
    ['its name is none', {}, { modelName: 'a/b' }, "modelName must be letters, digits and hyphens, with neither end a hyphen, got 'a/b'"],
    ['the batch is too small', {}, { maxBatchSize: 0 }, 'maxBatchSize must be a whole number from 1 to 4096, got 0'],
    ['there are too many copies', {}, { instancesPerProcessor: 129 }, 'instancesPerProcessor must be a whole number from 1 to 128, got 129'],
    ['there is a delay without batches', {}, { maxQueueDelay: Duration.millis(1) }, 'maxQueueDelay needs maxBatchSize'],
    ['the delay is too long', {}, { maxBatchSize: 2, maxQueueDelay: Duration.seconds(2) }, 'maxQueueDelay must be a whole number of milliseconds from 0 to 1000'],
    ['the first dimension is fixed', {}, { maxBatchSize: 2 }, 'must be open, since it is the batch, got y float32[1]'],
    ['an output is no tensor', { outputs: [{ name: 'y', kind: 4 }] }, {}, "must be tensors of a type that Triton serves (float32, float64, float16, bfloat16, bool, string, int8, int16, int32, int64, uint8, uint16, uint32, uint64), got a sequence for 'y'"],
    ['a type is one that Triton has not', { inputs: [{ name: 'x', dims: [1], elementType: 14 }] }, {}, "got complex64 for 'x'"],
    ['an input is another', {}, { inputs: [ModelInput.tensor('z', [1])] }, "got an input named 'z'"],
    ['its weights are not there', { externalData: ['a.data'] }, {}, "keeps weights in 'a.data', which is not beside it"],
  ])('fails when %s', (_, spec, options, message) => {
    expect(() => bind(triton(spec, options))).toThrow(message);
  });

  test('fails when it is no ONNX model', () => {
    expect(() => bind(EndpointModel.triton(ModelSource.fromAsset(modelFile('a.onnx', Buffer.from('text')))))).toThrow('a.onnx is not an ONNX model');
  });

  test('fails when there is none', () => {
    expect(() => bind(EndpointModel.triton(ModelSource.fromAsset(modelFolder({ 'a.pt': 'x' }))))).toThrow('exactly one .onnx file at its root');
  });

  test('fails when Git LFS has left its pointer', () => {
    const pointer = Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n');
    expect(() => bind(EndpointModel.triton(ModelSource.fromAsset(modelFile('a.onnx', pointer))))).toThrow('is a pointer of Git LFS');
  });

  test('fails when it lies in a bucket', () => {
    const bucket = s3.Bucket.fromBucketName(stackIn(), 'Bucket', 'models');
    expect(() => bind(EndpointModel.triton(ModelSource.fromBucket(bucket, 'a.tar.gz')))).toThrow('use EndpointModel.tritonRepository for an archive in S3');
  });
});

describe('a model repository of Triton', () => {
  test('is packed as it is', () => {
    const folder = modelFolder({ 'reader/1/model.onnx': 'x', 'reader/labels.txt': 'a' });
    expect([...packed(EndpointModel.tritonRepository(ModelSource.fromAsset(folder), { modelName: 'reader' })).keys()]).toEqual([
      'reader/1/model.onnx', 'reader/labels.txt',
    ]);
  });

  test('fails when the folder of its model is not there', () => {
    const folder = modelFolder({ 'reader/1/model.onnx': 'x' });
    expect(() => bind(EndpointModel.tritonRepository(ModelSource.fromAsset(folder)))).toThrow("must have the folder of its model, 'model', got reader");
  });

  test('can lie in a bucket', () => {
    const stack = stackIn();
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'models');
    endpointIn(stack, { variants: [variant({ model: EndpointModel.tritonRepository(ModelSource.fromBucket(bucket, 'run-1/model.tar.gz')) })] });
    has(stack, 'AWS::SageMaker::Model', { PrimaryContainer: { ModelDataUrl: 's3://models/run-1/model.tar.gz' } });
    expect(statementsWith(stack, 's3:GetObject')).toMatchObject([{ Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::models/run-1/model.tar.gz']] } }]);
  });

  test('is another model with another version of the object', () => {
    const idOf = (objectVersion?: string): string | undefined => {
      const stack = stackIn();
      const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'models');
      const model = EndpointModel.tritonRepository(ModelSource.fromBucket(bucket, 'model.tar.gz', { objectVersion }));
      endpointIn(stack, { variants: [variant({ model })] });
      return Object.keys(Template.fromStack(stack).findResources('AWS::SageMaker::Model'))[0];
    };
    expect(new Set([idOf(), idOf('v1'), idOf('v2'), idOf('v1')]).size).toBe(3);
  });

  test('fails when the version of the object is a token', () => {
    const stack = stackIn();
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'models');
    const model = EndpointModel.tritonRepository(ModelSource.fromBucket(bucket, 'model.tar.gz', { objectVersion: Fn.importValue('version') }));
    expect(() => endpointIn(stack, { variants: [variant({ model })] })).toThrow('objectVersion must be known at synth');
  });
});

describe('an image', () => {
  const digest = `sha256:${'0'.repeat(64)}`;
  const imageIn = (stack: Stack, options: { tag?: string; digest?: string } = {}): EndpointImage =>
    EndpointImage.fromEcrRepository(ecr.Repository.fromRepositoryName(stack, 'Repository', 'own'), options);

  test.each([
    [{}, '/own:latest'], [{ tag: '1.0' }, '/own:1.0'], [{ digest }, `/own@${digest}`],
  ])('of ECR by %j is the one with %s', (options, end) => {
    const stack = stackIn();
    endpointIn(stack, { variants: [variant({ model: EndpointModel.fromImage({ image: imageIn(stack, options) }) })] });
    has(stack, 'AWS::SageMaker::Model', {
      PrimaryContainer: {
        Image: { 'Fn::Join': ['', ['111122223333.dkr.ecr.eu-west-1.', { Ref: 'AWS::URLSuffix' }, end]] },
        ModelDataUrl: Match.absent(), Environment: Match.absent(),
      },
    });
    expect(statementsWith(stack, 'ecr:BatchGetImage')).toHaveLength(1);
    expect(statementsWith(stack, 's3:GetObject')).toEqual([]);
  });

  test('gets an archive with the files as they are', () => {
    const stack = stackIn();
    const model = EndpointModel.fromImage({ image: imageIn(stack), modelData: ModelSource.fromAsset(modelFolder({ 'weights.bin': 'x' })), environment: { b: '1', a: '2' } });
    endpointIn(stack, { variants: [variant({ model })] });
    has(stack, 'AWS::SageMaker::Model', {
      PrimaryContainer: { ModelDataUrl: Match.stringLikeRegexp(String.raw`^s3://cdk-.*\.tar\.gz$`), Environment: { a: '2', b: '1' } },
    });
  });

  test.each([
    ['it has a tag and a digest', { tag: 'a', digest }, `an image must have a tag or a digest, got both: 'a' and '${digest}'`],
    ['its tag is none', { tag: 'a b' }, "tag of an image must be a tag like '1.0', got 'a b'"],
    ['its digest is none', { digest: 'sha256:0' }, "digest of an image must be 'sha256:' and 64 lower-case hexadecimal digits"],
  ])('fails when %s', (_, options, message) => {
    const stack = stackIn();
    const model = EndpointModel.fromImage({ image: imageIn(stack, options) });
    expect(() => endpointIn(stack, { variants: [variant({ model })] })).toThrow(message);
  });

  test.each([
    ['a name begins with a digit', { '1A': '' }, 'name of an environment variable must be letters, digits and underscores'],
    ['a name is empty', { '': '' }, 'name of an environment variable must have 1 to 1024 characters'],
    ['a value is too long', { A: 'x'.repeat(1025) }, 'value of the environment variable A must have 0 to 1024 characters'],
    ['there are too many', Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`A${at}`, ''])), 'environment must have at most 100 variables, got 101'],
    ['a name is a token', { [Fn.importValue('name')]: '' }, 'names of environment variables must be known at synth'],
  ])('fails when of its variables %s', (_, environment, message) => {
    const stack = stackIn();
    const model = EndpointModel.fromImage({ image: imageIn(stack), environment });
    expect(() => endpointIn(stack, { variants: [variant({ model })] })).toThrow(message);
  });
});

describe('a model package', () => {
  test('is named by its ARN', () => {
    const arn = 'arn:aws:sagemaker:eu-west-1:111122223333:model-package/readers/3';
    has(bind(EndpointModel.fromModelPackageArn(arn)), 'AWS::SageMaker::Model', {
      PrimaryContainer: { ModelPackageName: arn, Image: Match.absent() } });
  });

  test('fails when the ARN is none', () => {
    expect(() => bind(EndpointModel.fromModelPackageArn('readers/3'))).toThrow("modelPackageArn must be an ARN like 'arn:aws:sagemaker:<region>:<account>:model-package/<group>/<version>'");
  });
});
