import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { App, Stack } from 'aws-cdk-lib';
import { ModelInput, ModelSource, OnnxModel } from '../../lib';
import { wholeOf } from '../../lib/private/archive/content';
import { addModel } from '../local/sagemaker/onnx-bytes';
import { Workplace } from './command-line';

const MANIFEST = 'sagemaker_edge_manifest';
const place = new Workplace();
afterAll(() => {
  place.remove();
});
beforeAll(() => {
  writeFileSync(place.in('my_model v2.onnx'), addModel([1, 4]));
});

/** The folder's files with their digests. */
function digests(folder: string): Record<string, string> {
  return Object.fromEntries(readdirSync(folder).map((name) => [name, sha256(readFileSync(`${folder}/${name}`))]));
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

test('makes the package that an OnnxModel makes, byte for byte', () => {
  const args = ['pack', 'my_model v2.onnx', '-o', 'package', '--name', 'sum', '--model-version', '2.0', '--input', 'a:1,4', '--input', 'b:1,4'];
  expect(place.run(args)).toMatchObject({ status: 0, stderr: '' });
  const made = new OnnxModel(new Stack(new App(), 'Stack'), 'Model', {
    model: ModelSource.fromAsset(place.in('my_model v2.onnx')), modelName: 'sum', modelVersion: '2.0',
    inputs: ['a', 'b'].map((name) => ModelInput.tensor(name, [1, 4])),
  });
  const wanted = made._packagedFiles().map(({ path, content }) => [path, sha256(wholeOf(content))]);
  expect(digests(place.in('package'))).toEqual(Object.fromEntries(wanted));
});

test('names the model by its file, and says how to run it', () => {
  expect(place.run(['pack', 'my_model v2.onnx', '-o', 'deep/named'])).toMatchObject({
    status: 0, stdout: expect.stringContaining('model my-model-v2 1.0; to run it on this machine: npx cdk-sagemaker-edge agent deep/named') as unknown,
  });
  expect(JSON.parse(readFileSync(place.in('deep', 'named', MANIFEST), 'utf8'))).toMatchObject({
    metadata: { model_name: 'my-model-v2', model_version: '1.0', runtime: 'ONNX' },
  });
});

test('takes an empty folder', () => {
  mkdirSync(place.in('empty'));
  expect(place.run(['pack', 'my_model v2.onnx', '-o', 'empty'])).toMatchObject({ status: 0 });
  expect(existsSync(place.in('empty', MANIFEST))).toBe(true);
});

test.each([
  ['the folder holds something', ['my_model v2.onnx', '-o', '.'], 2, '--output must be new or empty, got '],
  ['there is no such model', ['none.onnx', '-o', 'x'], 2, 'there is no file or folder '],
  ['an input is not understood', ['my_model v2.onnx', '-o', 'x', '--input', 'a'], 2, "--input must be name:d1,d2,… such as x:1,3,224,224, got 'a'"],
  ['an input is missing', ['my_model v2.onnx', '-o', 'x', '--input', 'a:1,4'], 1, 'give --input a:1,4 --input b:1,4'],
  ['the file is no model', ['cdk.txt', '-o', 'x'], 1, 'cdk.txt'],
  ['the name is none', ['my_model v2.onnx', '-o', 'x', '--name', 'a.b'], 1, 'modelName must'],
])('fails when %s, in a line without a stack trace, and leaves nothing', (_, args, status, message) => {
  writeFileSync(place.in('cdk.txt'), 'no model');
  const run = place.run(['pack', ...args]);
  expect(run.status).toBe(status);
  expect(run.stderr).toMatch(/^cdk-sagemaker-edge: /);
  expect(run.stderr).toContain(message);
  expect(run.stderr).not.toMatch(/\n\s+at /);
  expect(existsSync(place.in('x'))).toBe(false);
});
