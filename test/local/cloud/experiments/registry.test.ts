import * as path from 'node:path';
import { readRegistered, type RegisteredModel } from '../../../../local/cloud/experiments/registry';
import type { PipelineResult } from '../../../../local/cloud/experiments/run';

const winner = {
  name: 'one', branch: 'branch-of-one', commit: 'c0ffee', files: { data: '1.dir' }, trainingJob: 'job-1', model: 's3://b/model.tar.gz',
  metrics: { error: 0.5 }, evaluation: 's3://b/evaluated/x',
};
const result: PipelineResult = { winner, objectVersion: 'v1', trials: [winner], registered: { name: 'houses', version: '2', alias: 'winner' } };
const found = {
  version: '2', run: 'r1', versions: 2, source: 's3://b/model.tar.gz', tags: { data_commit_hash: 'c0ffee', dvc_branch: 'branch-of-one' },
};

const reading = async (changed: object): Promise<RegisteredModel> => readRegistered({
  runPython: () => Promise.resolve(`a warning\n${JSON.stringify({ ...found, ...changed })}`),
}, 'arn:of-the-tracking', result);

test('what the registry has of the winner is told', async () => {
  expect(await reading({})).toEqual({ name: 'houses', version: '2', run: 'r1', versions: 2 });
});

test('the program gets the name and the alias that the execution said, and where MLflow is', async () => {
  let told: object = {};
  await readRegistered({
    runPython: (_what, [program = '', ...args], env) => {
      told = { program: path.basename(program), args, env };
      return Promise.resolve(JSON.stringify(found));
    },
  }, 'arn:of-the-tracking', result);
  expect(told).toEqual({ program: 'read_registry.py', args: ['houses', 'winner'], env: { MLFLOW_TRACKING_URI: 'arn:of-the-tracking' } });
});

test.each([
  ['version', { version: '1' }, /the version of the winner in MLflow's registry must be 2, got "1"/],
  ['model', { source: 's3://b/other' }, /the model of the winner in MLflow's registry must be s3:\/\/b\/model\.tar\.gz, got "s3:\/\/b\/other"/],
  ['commit', { tags: { dvc_branch: 'branch-of-one' } }, /the commit of the winner in MLflow's registry must be c0ffee, got undefined/],
  ['branch', { tags: { data_commit_hash: 'c0ffee', dvc_branch: 'main' } }, /the branch of the winner .* must be branch-of-one, got "main"/],
])('fails when the registry has another %s', async (_, changed, message) => {
  await expect(reading(changed)).rejects.toThrow(message);
});
