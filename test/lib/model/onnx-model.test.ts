import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { App, aws_iam as iam, aws_s3 as s3, CfnOutput, CfnResource, Fn, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { type IDeployableModel, ModelGrants, ModelInput, ModelRuntime, ModelSource, OnnxModel, type OnnxModelProps } from '../../../lib';
import type { ModelManifest } from '../../../lib/model/private/manifest-contract';
import { onnxBytes } from '../onnx-bytes';
import { modelArchive, modelFile, modelFolder, tarList } from '../temp-models';
import { KEYS, RECOGNISER } from '../../ocr-models';

const MANIFEST = 'sagemaker_edge_manifest';
const model = onnxBytes();
const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');
let app: App;
let stack: Stack;

beforeEach(() => {
  app = new App();
  stack = new Stack(app, 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
});

function onnxModel(source: string, props: Partial<OnnxModelProps> = {}, id = 'Model'): OnnxModel {
  return new OnnxModel(stack, id, { model: ModelSource.fromAsset(source), modelName: 'text-recogniser', modelVersion: '1.0', ...props });
}

function archive(): string {
  const { directory } = app.synth();
  const [file = ''] = readdirSync(directory).filter((name) => name.endsWith('.tar.gz'));
  return path.join(directory, file);
}

function manifest(): ModelManifest {
  return JSON.parse(execFileSync('tar', ['-xOzf', archive(), MANIFEST]).toString()) as ModelManifest;
}

function manifestOf(files: Record<string, string | Buffer>, changes: Partial<ModelManifest> = {}): string {
  return JSON.stringify({
    metadata: { model_name: 'text-recogniser', model_version: '1.0', runtime: 'ONNX' },
    model_file: 'model.onnx',
    files: Object.entries(files).map(([name, content]) => ({ path: name, size: Buffer.byteLength(content), sha256: sha256(content) })),
    signed_by: 'us',
    ...changes,
  });
}

test('the package holds the model, the files beside it and a manifest of them', () => {
  onnxModel(modelFolder({ 'model.onnx': model, 'keys.txt': 'a\nb\n', 'labels/en.txt': 'cat', '.git/x': '' }));
  expect(tarList(archive())).toEqual(['keys.txt', 'labels/en.txt', 'model.onnx', MANIFEST]);
  expect(manifest()).toEqual({
    metadata: { model_name: 'text-recogniser', model_version: '1.0', runtime: 'ONNX' },
    model_file: 'model.onnx',
    files: [
      { path: 'keys.txt', size: 4, sha256: sha256('a\nb\n') },
      { path: 'labels/en.txt', size: 3, sha256: sha256('cat') },
      { path: 'model.onnx', size: model.length, sha256: sha256(model) },
    ],
  });
});

test('a real model with its keys is packed, and comes out of the package unchanged', () => {
  const [file, keys] = [RECOGNISER, KEYS];
  onnxModel(
    modelFolder({ 'rec.onnx': readFileSync(file), 'keys.txt': readFileSync(keys) }),
    { inputs: [ModelInput.tensor('x', [1, 3, 48, 320])] },
  );
  const packed = execFileSync('tar', ['-xOzf', archive(), 'rec.onnx'], { maxBuffer: 2 ** 25 });
  expect(sha256(packed)).toBe('06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0');
});

test('the digest is that of what is uploaded, and known at synth', () => {
  const { modelArtifactDigest, modelArtifactUri } = onnxModel(modelFile('model.onnx', model));
  expect(sha256(readFileSync(archive()))).toBe(modelArtifactDigest);
  expect(modelArtifactUri).toBe(`s3://cdk-hnb659fds-assets-111111111111-eu-west-1/${modelArtifactDigest ?? ''}.tar.gz`);
});

test('the name and the version are part of the package', () => {
  const file = modelFile('model.onnx', model);
  const [first, second] = [onnxModel(file), onnxModel(file, { modelVersion: '1.1' }, 'Other')];
  expect(first.modelArtifactDigest).not.toBe(second.modelArtifactDigest);
});

test('its attributes can be used', () => {
  const { modelName, modelVersion, runtime } = onnxModel(modelFile('model.onnx', model));
  expect({ modelName, modelVersion, runtime }).toEqual({ modelName: 'text-recogniser', modelVersion: '1.0', runtime: ModelRuntime.ONNX });
});

test('the manifest carries the shapes of the inputs that are given, which the agent tells clients', () => {
  onnxModel(modelFile('model.onnx', model), { inputs: [ModelInput.tensor('x', [1, 3, 48, 320])] });
  expect(manifest().inputs).toEqual([{ name: 'x', shape: [1, 3, 48, 320] }]);
});

test('an archive without a manifest gets one', () => {
  onnxModel(modelArchive({ 'model.onnx': model, 'keys.txt': 'a' }));
  expect(tarList(archive())).toEqual(['keys.txt', 'model.onnx', MANIFEST]);
});

describe("the user's own manifest", () => {
  const files = { 'model.onnx': model, 'keys.txt': 'a' };
  const signature = { [`${MANIFEST}.sig`]: '{}' };

  test('is kept with its signature', () => {
    const own = manifestOf(files);
    onnxModel(modelFolder({ ...files, ...signature, [MANIFEST]: own }));
    expect(tarList(archive())).toEqual(['keys.txt', 'model.onnx', MANIFEST, `${MANIFEST}.sig`]);
    expect(manifest()).toEqual(JSON.parse(own));
  });

  test.each<[string, string, string]>([
    ['it is no JSON', 'x', `${MANIFEST} must be JSON, got 'x'`],
    [
      'it is for another name',
      manifestOf(files, { metadata: { model_name: 'a', model_version: '1.0', runtime: 'ONNX' } }),
      `metadata.model_name in ${MANIFEST} must be "text-recogniser", got "a"`,
    ],
    [
      'it is for another version',
      manifestOf(files, { metadata: { model_name: 'text-recogniser', model_version: '2', runtime: 'ONNX' } }),
      'metadata.model_version in',
    ],
    [
      'it says no runtime',
      manifestOf(files, { metadata: { model_name: 'text-recogniser', model_version: '1.0' } }),
      `metadata.runtime in ${MANIFEST} must be "ONNX", got nothing`,
    ],
    ['it names another model file', manifestOf(files, { model_file: 'other.onnx' }), 'model_file in'],
    ['a digest is wrong', manifestOf({ ...files, 'keys.txt': 'b' }), `the entry of keys.txt among files in ${MANIFEST} must be`],
    ['a file is not in it', manifestOf({ 'model.onnx': model }), `the entry of keys.txt among files in ${MANIFEST} must be`],
    ['a file is only in it', manifestOf({ ...files, more: '' }), `the number of files in ${MANIFEST} must be 2, got 3`],
    ['it has no files', manifestOf(files, { files: undefined }), 'got nothing'],
    ['it is a list', '[1]', 'metadata.model_name'],
  ])('fails when %s', (_name, own, message) => {
    expect(() => onnxModel(modelFolder({ ...files, [MANIFEST]: own }))).toThrow(message);
  });

  test('fails when there is a signature alone', () => {
    expect(() => onnxModel(modelFolder({ ...files, ...signature }))).toThrow(/must be beside the manifest that it signs/);
  });
});

describe('is refused', () => {
  test.each<[string, Record<string, string | Buffer>, RegExp]>([
    ['without a model', { 'a.txt': '' }, /^Stack\/Model: ONNX archive must hold exactly one .onnx file at its root, got none among a.txt/],
    ['with two models', { 'a.onnx': model, 'b.onnx': model }, /got a.onnx, b.onnx/],
    ['with something else for a model', { 'a.onnx': 'text' }, /a.onnx is not an ONNX model/],
  ])('%s', (_name, files, message) => {
    expect(() => onnxModel(modelFolder(files))).toThrow(message);
  });

  test('with inputs that do not fit', () => {
    expect(() => onnxModel(modelFile('model.onnx', model), { inputs: [ModelInput.tensor('x', [1, 3, 32, 320])] })).toThrow(
      "dimension 2 of input 'x' is fixed in the model: wanted [N, 3, 48, W], got [1, 3, 32, 320]",
    );
  });

  test('with a name or version that the service does not take', () => {
    const file = modelFile('model.onnx', model);
    expect(() => onnxModel(file, { modelName: 'text_recogniser' })).toThrow(
      "modelName must be letters, digits and hyphens, with neither end a hyphen, got 'text_recogniser'",
    );
    expect(() => onnxModel(file, { modelVersion: '1.0-beta' }, 'Other')).toThrow(
      /modelVersion must be .*\(no hyphen, no plus\), got '1.0-beta'/,
    );
  });

  test('with a name that is known at deployment', () => {
    expect(() => onnxModel(
      modelFile('model.onnx', model),
      { modelName: Lazy.string({ produce: () => 'name' }) },
    )).toThrow(/must be known at synth/);
  });

  test('from a bucket, and the message says what to use', () => {
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'models');
    expect(() => onnxModel('', { model: ModelSource.fromBucket(bucket, 'model.tar.gz') })).toThrow(
      /must be on disk.*OnnxModel.fromOnnxModelAttributes/,
    );
  });
});

test('warns of a name that is too short for heartbeats', () => {
  onnxModel(modelFile('model.onnx', model), { modelName: 'ocr' });
  Annotations.fromStack(stack).hasWarning(
    '/Stack/Model',
    Match.stringLikeRegexp('has 3 characters.*\\[ack: cdk-sagemaker-edge:OnnxModel.shortModelName\\]'),
  );
});

test('does not warn of a name of four characters', () => {
  onnxModel(modelFile('model.onnx', model), { modelName: 'text' });
  Annotations.fromStack(stack).hasNoWarning('/Stack/Model', Match.anyValue());
});

describe('an import', () => {
  const attributes = {
    modelName: 'text-recogniser',
    modelVersion: '1.0',
    modelArtifactKey: 'a/b.tar.gz',
    modelArtifactDigest: '0'.repeat(64),
  };
  const imported = (changes: Partial<typeof attributes> = {}): IDeployableModel => OnnxModel.fromOnnxModelAttributes(stack, 'Import', {
    ...attributes, modelArtifactBucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'models'), ...changes,
  });

  test('has what it is given', () => {
    expect(imported()).toMatchObject({
      modelName: 'text-recogniser',
      modelVersion: '1.0',
      modelArtifactUri: 's3://models/a/b.tar.gz',
      modelArtifactDigest: '0'.repeat(64),
      runtime: 'ONNX',
    });
  });

  test('may be known at deployment', () => {
    expect(() => imported({
      modelName: Lazy.string({ produce: () => 'a' }),
      modelArtifactDigest: Lazy.string({ produce: () => 'a' }),
    })).not.toThrow();
  });

  test.each<[Partial<typeof attributes>, RegExp]>([
    [{ modelName: 'a_b' }, /modelName must be/],
    [{ modelVersion: '1-0' }, /modelVersion must be/],
    [{ modelArtifactKey: '/a' }, /modelArtifactKey must be a key that does not begin with '\/', got '\/a'/],
    [{ modelArtifactDigest: 'F'.repeat(64) }, /modelArtifactDigest must be a SHA-256 of 64 lower-case hexadecimal digits/],
  ])('fails when an attribute is wrong', (changes, message) => {
    expect(() => imported(changes)).toThrow(message);
  });
});

describe('the grant', () => {
  const role = (): iam.Role => new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('ec2.amazonaws.com') });
  const allows = (resource: unknown): void => {
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [{ Action: 's3:GetObject', Effect: 'Allow', Resource: resource }] },
    });
  };
  const partition = { Ref: 'AWS::Partition' };

  class Deployable extends Construct implements IDeployableModel {
    public readonly modelName = 'text-recogniser';
    public readonly modelVersion = '1.0';
    public readonly runtime = ModelRuntime.FROM_MANIFEST;
    public constructor(public readonly modelArtifactUri: string, public readonly modelArtifactBucket: s3.IBucket) {
      super(stack, 'Deployable');
    }
  }

  test('is for the package alone', () => {
    const made = onnxModel(modelFile('model.onnx', model));
    expect(made.grants.read(role()).success).toBe(true);
    allows({ 'Fn::Join': ['', ['arn:', partition, `:s3:::cdk-hnb659fds-assets-111111111111-eu-west-1/${made.modelArtifactDigest ?? ''}.tar.gz`]] });
  });

  test('is for the package alone in a stack without an environment', () => {
    stack = new Stack(app, 'Agnostic');
    const made = onnxModel(modelFile('model.onnx', model));
    made.grants.read(role());
    new CfnOutput(stack, 'Uri', { value: made.modelArtifactUri });
    allows({
      'Fn::Join': [
        '',
        [
          'arn:',
          partition,
          ':s3:::',
          { 'Fn::Sub': 'cdk-hnb659fds-assets-${AWS::AccountId}-${AWS::Region}' },
          `/${made.modelArtifactDigest ?? ''}.tar.gz`,
        ],
      ],
    });
  });

  test('is for a package whose place the service says at deployment', () => {
    const job = new CfnResource(stack, 'Job', { type: 'Custom::Job' });
    ModelGrants.fromModel(new Deployable(job.getAtt('ModelArtifact').toString(), new s3.Bucket(stack, 'Bucket'))).read(role());
    allows({
      'Fn::Join': [
        '',
        ['arn:', partition, ':s3:::', { 'Fn::Select': [1, { 'Fn::Split': ['s3://', { 'Fn::GetAtt': ['Job', 'ModelArtifact'] }] }] }],
      ],
    });
  });

  test('is for a package in a bucket whose name is known at deployment', () => {
    ModelGrants.fromModel(new Deployable(
      's3://models/a.tar.gz',
      s3.Bucket.fromBucketName(stack, 'Bucket', Fn.importValue('bucket')),
    )).read(role());
    allows({ 'Fn::Join': ['', ['arn:', partition, ':s3:::models/a.tar.gz']] });
  });

  test('fails when the package is not in its bucket', () => {
    const deployable = new Deployable('s3://other/a.tar.gz', s3.Bucket.fromBucketName(stack, 'Bucket', 'models'));
    expect(() => ModelGrants.fromModel(deployable).read(role())).toThrow("Stack/Deployable: modelArtifactUri must begin with s3://models/, the bucket of the model, got 's3://other/a.tar.gz'");
  });
});
