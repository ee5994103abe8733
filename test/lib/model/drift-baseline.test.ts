import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { DriftBaseline, ModelSource, OnnxModel } from '../../../lib';
import { onnxBytes } from '../onnx-bytes';
import { modelFolder, tarList } from '../temp-models';

const model = onnxBytes();
const features = { 'input.mean': { edges: [0, 1], counts: [10, 10, 10, 0] } };

function textOf(modelSha256 = createHash('sha256').update(model).digest('hex'), more: object = {}): string {
  return JSON.stringify({ v: 1, modelSha256, samples: 30, features, ...more });
}

function fileOf(text: string): string {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'baseline-')), 'baseline.json');
  writeFileSync(file, text);
  return file;
}

let app: App;
beforeEach(() => {
  app = new App();
});

function onnxModel(files: Record<string, string | Buffer> = {}, driftBaseline?: DriftBaseline): OnnxModel {
  const source = ModelSource.fromAsset(modelFolder({ 'model.onnx': model, ...files }));
  return new OnnxModel(new Stack(app, 'Stack'), 'Model', { model: source, modelName: 'reader', modelVersion: '1.0', driftBaseline });
}

function archive(): string {
  const { directory } = app.synth();
  return path.join(directory, readdirSync(directory).find((name) => name.endsWith('.tar.gz')) ?? '');
}

test('the baseline is in the package, and so in its digest', () => {
  const without = onnxModel().modelArtifactDigest;
  app = new App();
  const text = textOf();
  expect(onnxModel({}, DriftBaseline.fromFile(fileOf(text))).modelArtifactDigest).not.toBe(without);
  expect(tarList(archive())).toEqual(['drift-baseline.json', 'model.onnx', 'sagemaker_edge_manifest']);
  expect(execFileSync('tar', ['-xOzf', archive(), 'drift-baseline.json']).toString()).toBe(text);
});

test('one that lies beside the model is taken', () => {
  expect(onnxModel({ 'drift-baseline.json': textOf() })._driftBaseline).toMatchObject({ samples: 30, features });
});

test('fails when it was made of another model', () => {
  const digest = createHash('sha256').update(model).digest('hex');
  expect(() => onnxModel({}, DriftBaseline.fromFile(fileOf(textOf('0'.repeat(64)))))).toThrow(
    `the drift baseline must be made of model.onnx, whose SHA-256 is ${digest}, got one of ${'0'.repeat(64)}: make it anew with agent-client.js Baseline`);
});

test('fails when it is given, and another one lies beside the model', () => {
  const file = fileOf(textOf());
  expect(() => onnxModel({ 'drift-baseline.json': textOf() }, DriftBaseline.fromFile(file))).toThrow(
    `driftBaseline must be left out where drift-baseline.json is beside the model, got ${file}`);
});

test('fails when the file is no baseline', () => {
  const file = fileOf('{"v":1}');
  expect(() => DriftBaseline.fromFile(file)).toThrow(`${file}: modelSha256 of a baseline must be 64 hexadecimal digits, got nothing`);
  expect(() => onnxModel({ 'drift-baseline.json': '[]' })).toThrow('drift-baseline.json: a baseline must be JSON with "v": 1');
});

test('fails when the file is larger than devices read', () => {
  expect(() => onnxModel({ 'drift-baseline.json': ' '.repeat(65_537) })).toThrow('drift-baseline.json must have at most 65536 bytes, got 65537');
});

test('fails when there is no such file', () => {
  expect(() => DriftBaseline.fromFile('/nowhere/baseline.json')).toThrow('ENOENT');
});
