import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { App, aws_iam as iam, aws_kms as kms, aws_s3 as s3, FileSystem, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Construct } from 'constructs';
import { Framework, ModelInput, ModelSource } from '../../../lib';
import type { ModelSourceConfig } from '../../../lib/model/private/neo-request';
import { onnxBytes } from '../onnx-bytes';
import { modelArchive, modelFile, modelFolder, tarList } from '../temp-models';

const framework = Framework.onnx({ inputs: [ModelInput.tensor('x', [1, 3, 48, 320])] });
const model = onnxBytes();
let app: App;
let stack: Stack;

beforeEach(() => {
  app = new App();
  stack = new Stack(app, 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
});

function bind(source: ModelSource, id = 'Job'): ModelSourceConfig {
  return source._bind(new Construct(stack, id), framework);
}

function uploaded(): string[] {
  const { directory } = app.synth();
  return readdirSync(directory).filter((name) => name.endsWith('.tar.gz')).map((name) => path.join(directory, name));
}

function role(): iam.Role {
  return new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('sagemaker.amazonaws.com') });
}

test('a file becomes an archive with the file at its root', () => {
  bind(ModelSource.fromAsset(modelFile('model.onnx', model)));
  expect(uploaded().map(tarList)).toEqual([['model.onnx']]);
});

test('of a folder, only what the framework knows is packed', () => {
  bind(ModelSource.fromAsset(modelFolder({ 'model.onnx': model, 'README.md': 'text', '.DS_Store': '', 'old/model.onnx': model })));
  expect(uploaded().map(tarList)).toEqual([['model.onnx']]);
});

test('a file that the framework does not know changes nothing', () => {
  const [plain, more] = [modelFolder({ 'model.onnx': model }), modelFolder({ 'model.onnx': model, 'README.md': 'text' })];
  expect(bind(ModelSource.fromAsset(plain)).fingerprint).toBe(bind(ModelSource.fromAsset(more), 'Other').fingerprint);
});

test('another model is another fingerprint', () => {
  const other = onnxBytes({ outputs: [{ name: 'other' }] });
  expect(bind(ModelSource.fromAsset(modelFile('model.onnx', model))).fingerprint).not.toBe(
    bind(ModelSource.fromAsset(modelFile('model.onnx', other)), 'Other').fingerprint,
  );
});

test('the key is the digest of what is uploaded, and ends as Neo asks', () => {
  const { objectKey, fingerprint, s3Uri } = bind(ModelSource.fromAsset(modelFile('model.onnx', model)));
  const [file = ''] = uploaded();
  expect(createHash('sha256').update(readFileSync(file)).digest('hex')).toBe(fingerprint);
  expect(objectKey).toBe(`${fingerprint ?? ''}.tar.gz`);
  expect(s3Uri).toBe(`s3://cdk-hnb659fds-assets-111111111111-eu-west-1/${objectKey}`);
});

test('the same files give the same bytes in each release of this library', () => {
  // a new value here means that every user compiles every model again
  expect(bind(ModelSource.fromAsset(modelFile('model.onnx', model))).fingerprint).toBe(
    'a12763a43033212602623318e8873bc172f08df3a4d3433485f283f0405d2cc0',
  );
});

test.each(['model.tar.gz', 'model.tgz'])('%s is uploaded as it is', (name) => {
  const archive = modelArchive({ 'model.onnx': model, 'labels.txt': 'cat' }, name);
  bind(ModelSource.fromAsset(archive));
  const [file = ''] = uploaded();
  expect(readFileSync(file)).toEqual(readFileSync(archive));
});

describe('nothing is left in the temporary folder', () => {
  /** The folders that were made there, of those that are still there. */
  function left(act: () => void): [made: number, left: string[]] {
    const mkdtemp = jest.spyOn(FileSystem, 'mkdtemp');
    act();
    const made = mkdtemp.mock.results.map(({ value }) => String(value));
    mkdtemp.mockRestore();
    return [made.length, made.filter((folder) => existsSync(folder))];
  }

  test('of a file', () => {
    expect(left(() => bind(ModelSource.fromAsset(modelFile('model.onnx', model))))).toEqual([1, []]);
  });

  test('of an archive, which is unpacked there', () => {
    expect(left(() => bind(ModelSource.fromAsset(modelArchive({ 'model.onnx': model }))))).toEqual([2, []]);
  });

  test('of an archive that is refused', () => {
    expect(left(() => {
      expect(() => bind(ModelSource.fromAsset(modelArchive({ 'model.onnx': 'none' })))).toThrow(/is not an ONNX model/);
    })).toEqual([1, []]);
  });
});

test('with staging disabled, the archive stays where the manifest says it is', () => {
  app = new App({ context: { 'aws:cdk:disable-asset-staging': true } });
  stack = new Stack(app, 'Stack');
  bind(ModelSource.fromAsset(modelFile('model.onnx', model)));
  const assets = readFileSync(path.join(app.synth().directory, 'Stack.assets.json'), 'utf8');
  const { files } = JSON.parse(assets) as { files: Record<string, { source: { path: string } }> };
  const archive = Object.values(files).map(({ source }) => source.path).find((file) => file.endsWith('.tar.gz')) ?? '';
  expect(existsSync(archive)).toBe(true);
  rmSync(path.dirname(archive), { recursive: true });
});

test('fails when there is nothing at the path', () => {
  expect(() => bind(ModelSource.fromAsset('no/such/model.onnx'))).toThrow(
    /^Stack\/Job: model must be a file or a folder, got 'no\/such\/model.onnx', where there is none/,
  );
});

test('fails when the path is a token', () => {
  const path_ = Lazy.string({ produce: () => 'model.onnx' });
  expect(() => bind(ModelSource.fromAsset(path_))).toThrow('Stack/Job: the path of a model must be known at synth, since its files are packed then, got a token');
});

test('fails when a folder holds no files', () => {
  const folder = modelFolder({ '.DS_Store': '' });
  expect(() => bind(ModelSource.fromAsset(folder))).toThrow(`Stack/Job: the folder of a model must hold files (those whose name begins with a dot do not count), got none in '${folder}'`);
});

test('fails when an archive is not compressed by gzip', () => {
  expect(() => bind(ModelSource.fromAsset(modelFile('model.tar.gz', 'plain')))).toThrow(
    /must be a tar archive compressed by gzip, got a file that gzip cannot read/,
  );
});

test('fails when an archive holds no tar', () => {
  const gzip = Buffer.from('H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==', 'base64');
  expect(() => bind(ModelSource.fromAsset(modelFile('model.tar.gz', gzip)))).toThrow(
    /must be a tar archive compressed by gzip, got a file that gzip/,
  );
});

test('fails when an .onnx file is larger than ONNX itself allows', () => {
  const file = modelFile('model.onnx', '');
  truncateSync(file, 2 ** 31); // takes no room on the disk
  expect(() => bind(ModelSource.fromAsset(file))).toThrow(
    "Stack/Job: model.onnx must have at most 2147483647 bytes, which is the most that ONNX itself allows, got 2147483648: save it with its weights in a file beside it, by onnx.save(model, 'model.onnx', save_as_external_data=True)",
  );
});

test('fails when the files of a folder are too many', () => {
  const folder = modelFolder({ 'model.onnx': model });
  for (let at = 0; at < 10_000; at++) {
    writeFileSync(path.join(folder, String(at)), '');
  }
  expect(() => bind(ModelSource.fromAsset(folder))).toThrow(`Stack/Job: ${folder} must have at most 10000 files, got 10001`);
});

test('fails when the files of a folder are too large together, before they are read', () => {
  const folder = modelFolder({ 'model.onnx': model, 'a.bin': '', 'b/c.bin': '' });
  truncateSync(path.join(folder, 'a.bin'), 5000 * 1024 ** 2); // takes no room on the disk
  truncateSync(path.join(folder, 'b/c.bin'), 5000 * 1024 ** 2);
  expect(() => bind(ModelSource.fromAsset(folder))).toThrow(
    `Stack/Job: the files of ${folder} must have at most 10000 MiB together, which is what a device unpacks, got ${10_000 * 1024 ** 2 + model.length} bytes: use a smaller model, for example one with weights of float16 or int8`,
  );
});

test('a link to a file is followed', () => {
  const folder = modelFolder({});
  symlinkSync(modelFile('weights', model), path.join(folder, 'model.onnx'));
  bind(ModelSource.fromAsset(folder));
  expect(uploaded().map(tarList)).toEqual([['model.onnx']]);
});

test('fails when a folder holds a link to itself', () => {
  const folder = mkdtempSync(path.join(modelFolder({}), 'loop-'));
  mkdirSync(path.join(folder, 'a'));
  symlinkSync(folder, path.join(folder, 'a', 'b'));
  expect(() => bind(ModelSource.fromAsset(folder))).toThrow(/must not hold a link to itself/);
});

test('the grant on an asset is for its object alone', () => {
  const source = bind(ModelSource.fromAsset(modelFile('model.onnx', model)));
  source.grantRead(role());
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [{
        Action: 's3:GetObject',
        Effect: 'Allow',
        Resource: { 'Fn::Join': [
          '',
          ['arn:', { Ref: 'AWS::Partition' }, `:s3:::cdk-hnb659fds-assets-111111111111-eu-west-1/${source.objectKey}`],
        ] },
      }],
    },
  });
});

describe('in a bucket', () => {
  test('bucket, key and version are passed on', () => {
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'models');
    expect(bind(ModelSource.fromBucket(bucket, 'a/model.tar.gz', { objectVersion: 'v7' }))).toMatchObject({
      bucket, objectKey: 'a/model.tar.gz', s3Uri: 's3://models/a/model.tar.gz', objectVersion: 'v7',
    });
    expect(bind(ModelSource.fromBucket(bucket, 'a/model.tar.gz'), 'Other').fingerprint).toBeUndefined();
  });

  test('a key that is known at deployment passes', () => {
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'models');
    expect(() => bind(ModelSource.fromBucket(bucket, Lazy.string({ produce: () => 'model' })))).not.toThrow();
  });

  test('the grant is for the object, and for the key of its bucket', () => {
    const bucket = new s3.Bucket(stack, 'Bucket', { encryption: s3.BucketEncryption.KMS });
    bind(ModelSource.fromBucket(bucket, 'model.tar.gz')).grantRead(role());
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [Match.objectLike({ Action: 's3:GetObject' }), Match.objectLike({ Action: 'kms:Decrypt' })] },
    });
  });

  test('the grant is for the key that is given', () => {
    const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/k');
    bind(ModelSource.fromBucket(s3.Bucket.fromBucketName(stack, 'Bucket', 'models'), 'model.tar.gz', { encryptionKey })).grantRead(role());
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: 'kms:Decrypt', Resource: 'arn:aws:kms:eu-west-1:111111111111:key/k' })]),
      },
    });
  });

  test.each(['model.zip', '/model.tar.gz', 'x.tgz/model'])('fails when the key is %s', (key) => {
    expect(() => bind(ModelSource.fromBucket(s3.Bucket.fromBucketName(stack, 'Bucket', 'models'), key))).toThrow(
      /key of a model archive must be a key that ends with '.tar.gz'/,
    );
  });

  test('fails when the bucket is in another region', () => {
    const bucket = s3.Bucket.fromBucketAttributes(stack, 'Bucket', { bucketName: 'models', region: 'us-east-1' });
    expect(() => bind(ModelSource.fromBucket(bucket, 'model.tar.gz'))).toThrow(
      'Stack/Job: bucket of a model must be in the region of its job, eu-west-1, got us-east-1',
    );
  });

  test('fails when the version is empty', () => {
    expect(() => bind(ModelSource.fromBucket(
      s3.Bucket.fromBucketName(stack, 'Bucket', 'models'),
      'model.tar.gz',
      { objectVersion: '' },
    ))).toThrow(/objectVersion must have 1 to 1024 characters/);
  });
});
