import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { RESOURCES } from '../../../lambda/model/resources';
import type { ResourceEvent, Started } from '../../../lambda/shared/events';
import { handle } from '../../../lambda/shared/handle';
import { ModelSource, OnnxModel } from '../../../lib';
import { onnxBytes } from '../../lib/onnx-bytes';
import { modelArchive, modelFolder } from '../../lib/temp-models';
import { FakeS3, s3Error } from './fake-s3';

type Files = Record<string, string | Buffer>;
const logged = jest.spyOn(console, 'log').mockImplementation(() => undefined);

/** Packages the archive m.tar.gz, and gives the message of the failure. */
async function failureOf(s3: FakeS3): Promise<string> {
  const event: ResourceEvent = {
    RequestType: 'Create', RequestId: 'r', StackId: 's', ResourceType: 'Custom::SageMakerEdge-ModelPackage', LogicalResourceId: 'Model',
    ResourceProperties: {
      SourceBucket: 'trained', SourceKey: 'm.tar.gz', Bucket: 'packages', Prefix: 'models/Model', ModelName: 'net', ModelVersion: '1.0',
      Retain: 'false',
    },
  };
  const started = await handle(RESOURCES, s3.dependencies(), event) as Started;
  const failure: unknown = await handle(RESOURCES, s3.dependencies(), { ...event, ...started }).catch((error: unknown) => error);
  expect(s3.packages('')).toEqual([]);
  return failure instanceof Error ? failure.message : 'it is packaged';
}

/** S3 with the archive of these files. */
function storeOf(files: Files, limits: { readonly partBytes?: number } = {}): FakeS3 {
  const scratch = path.join(modelFolder({}), 'scratch');
  const s3 = new FakeS3(scratch, limits);
  s3.put('m.tar.gz', readFileSync(modelArchive(files)));
  return s3;
}

/** What `OnnxModel` says of the same files at synth, without the construct's path. */
function wordsAtSynth(files: Files): string {
  try {
    new OnnxModel(new Stack(new App(), 'Stack'), 'Model', {
      model: ModelSource.fromAsset(modelFolder(files)), modelName: 'net', modelVersion: '1.0',
    });
  } catch (error) {
    return String(error).replace(/^.*Stack\/Model: /, '');
  }
  return 'it is packaged';
}

const parts = Array.from({ length: 3000 }, (_, index) => `part-${index}.data`);
const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`;

test.each<[string, Files, RegExp]>([
  ['an IR version that the runtime does not open', { 'model.onnx': onnxBytes({ irVersion: 14 }) }, /at most 13, got 14/],
  ['an opset that the runtime does not open', { 'model.onnx': onnxBytes({ opsets: { '': 28 } }) }, /at most 26, got 28/],
  ['an input that the protocol does not carry', { 'model.onnx': onnxBytes({ inputs: [{ name: 'x', elementType: 8 }] }) }, /got string/],
  ['an output that the protocol does not carry', { 'model.onnx': onnxBytes({ outputs: [{ name: 'y', elementType: 13 }] }) }, /got uint64/],
  ['an output that is no tensor', { 'model.onnx': onnxBytes({ outputs: [{ name: 'y', kind: 4 }] }) }, /got a sequence/],
  ['weights that are missing', { 'model.onnx': onnxBytes({ externalData: ['a.data'] }) }, /keeps weights in 'a.data', which is not beside it/],
  ['weights of a branch that are missing', { 'model.onnx': onnxBytes({ nestedData: ['b.data'] }) }, /keeps weights in 'b.data', which is not/],
  ['one of many weights of a branch that is missing', {
    'model.onnx': onnxBytes({ nestedData: parts }), ...Object.fromEntries(parts.slice(1).map((name) => [name, 'w'])),
  }, /keeps weights in 'part-0.data', which is not/],
  ['weights out of the folder', { 'model.onnx': onnxBytes({ externalData: ['../a.data'] }) }, /in its own folder, got '..\/a.data'/],
  ['weights at an absolute path', { 'model.onnx': onnxBytes({ nestedData: ['/etc/hostname'] }) }, /in its own folder, got '\/etc\/hostname'/],
  ['a pointer of Git LFS', { 'model.onnx': onnxBytes({ externalData: ['w.data'] }), 'w.data': pointer }, /w.data is a pointer of Git LFS/],
])('fails when an archive holds %s, in the words of synth', async (_name, files, wanted) => {
  const words = wordsAtSynth(files);
  expect(words).toMatch(wanted);
  expect(await failureOf(storeOf(files))).toContain(`m.tar.gz: ${words}`);
});

test('weights beside the model, also those of a branch, are packaged with it', async () => {
  const onnx = onnxBytes({ externalData: ['model.onnx.data'], nestedData: ['deep/branch.data'] });
  const s3 = storeOf({ 'model.onnx': onnx, 'model.onnx.data': 'four', 'deep/branch.data': 'four' });
  s3.faults.set('putObject', [s3Error('NoMoreChecks')]);
  expect(await failureOf(s3)).toContain('NoMoreChecks');
});

test('an upload in parts that breaks, and whose abort fails too, ends with the first of the two errors', async () => {
  const s3 = storeOf({ 'model.onnx': onnxBytes({ weights: ['w'] }) }, { partBytes: 1000 });
  s3.faults.set('uploadPart', [s3Error('EntityTooLarge')]);
  s3.faults.set('abortMultipartUpload', [s3Error('AccessDenied', 'may not abort')]);
  expect(await failureOf(s3)).toContain('EntityTooLarge');
  expect(s3.count('abortMultipartUpload')).toBe(1);
  expect(JSON.stringify(logged.mock.calls)).toContain('AccessDenied: may not abort');
  expect(existsSync(s3.dependencies().scratch)).toBe(false);
});
