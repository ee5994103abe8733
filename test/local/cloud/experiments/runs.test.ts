import type { TrialResult } from '../../../../local/cloud/experiments/run';
import { readRuns } from '../../../../local/cloud/experiments/runs';

const trial: TrialResult = {
  name: 'one', branch: 'branch-of-one', commit: 'c0ffee', files: { data: '1.dir' }, trainingJob: 'job-1', model: 's3://b/model.tar.gz',
  metrics: { error: 0.5 }, evaluation: 's3://b/evaluated/x',
};
const run = { status: 'FINISHED', name: 'one', params: { data_commit_hash: 'c0ffee', dvc_branch: 'branch-of-one' }, metrics: { error: 0.5 } };

const read = (changed: object) => readRuns({
  runPython: (_what, args, env) => Promise.resolve(`a warning\n${JSON.stringify({ [args[1] ?? '']: { ...run, ...changed }, uri: env })}`),
}, 'arn:of-the-tracking', [trial]);

test('each run of MLflow is told with its commit and its metrics', async () => {
  expect(await read({})).toEqual(['one  data_commit_hash c0ffee, error 0.5']);
});

test.each([
  ['the commit', { params: { data_commit_hash: 'other', dvc_branch: 'branch-of-one' } }, /data_commit_hash of the run of one must be c0ffee.*"other"/],
  ['the branch', { params: { data_commit_hash: 'c0ffee' } }, /dvc_branch of the run of one must be branch-of-one/],
  ['a metric', { metrics: { error: 0.6 } }, /error of the run of one must be 0\.5.*0\.6/],
  ['the status', { status: 'FAILED' }, /status of the run of one must be FINISHED/],
])('fails when %s is another one in MLflow', async (_, changed, message) => {
  await expect(read(changed)).rejects.toThrow(message);
});
