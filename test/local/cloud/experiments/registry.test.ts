import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { register } from '../../../../local/cloud/experiments/registry';
import { pipelineResult, type PipelineResult } from '../../../../local/cloud/experiments/run';

const winner = {
  name: 'one', branch: 'branch-of-one', commit: 'c0ffee', files: { data: '1.dir' }, trainingJob: 'job-1', model: 's3://b/model.tar.gz',
  metrics: { error: 0.5 }, evaluation: 's3://b/evaluated/x',
};
const result: PipelineResult = { winner, objectVersion: 'v1', trials: [winner] };
const registered = {
  name: 'houses', version: '1', source: 's3://b/model.tar.gz', tags: { data_commit_hash: 'c0ffee', dvc_branch: 'branch-of-one' },
};

let folder = '';
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'registry-'));
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

const registering = (changed: object) => register({
  runPython: () => Promise.resolve(`a warning\n${JSON.stringify({ ...registered, ...changed })}`),
}, folder, 'arn:of-the-tracking', result);

test('the version of the winner is told', async () => {
  expect(await registering({})).toEqual({ name: 'houses', version: '1' });
});

test('the program gets the output of the execution as a file, and where MLflow is', async () => {
  let told: object = {};
  await register({
    runPython: (_what, [program = '', file = ''], env) => {
      told = { program: path.basename(program), output: pipelineResult(fs.readFileSync(file, 'utf8')), env };
      return Promise.resolve(JSON.stringify(registered));
    },
  }, folder, 'arn:of-the-tracking', result);
  expect(told).toEqual({ program: 'register.py', output: result, env: { MLFLOW_TRACKING_URI: 'arn:of-the-tracking' } });
});

test.each([
  ['model', { source: 's3://b/other' }, /the model of the winner in MLflow's registry must be s3:\/\/b\/model\.tar\.gz, got "s3:\/\/b\/other"/],
  ['commit', { tags: { dvc_branch: 'branch-of-one' } }, /the commit of the winner in MLflow's registry must be c0ffee, got undefined/],
  ['branch', { tags: { data_commit_hash: 'c0ffee', dvc_branch: 'main' } }, /the branch of the winner .* must be branch-of-one, got "main"/],
])('fails when the registry has another %s', async (_, changed, message) => {
  await expect(registering(changed)).rejects.toThrow(message);
});
