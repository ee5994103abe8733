import { pipelineResult, type TrialResult } from '../../../../local/cloud/experiments/run';

const trial: TrialResult = {
  name: 'one', branch: 'branch-of-one', commit: 'c0ffee', files: { data: '1.dir' }, trainingJob: 'job-1', model: 's3://b/model.tar.gz',
  metrics: { error: 0.5 }, evaluation: 's3://b/evaluated/x',
};
const registered = { name: 'houses', version: '1', alias: 'winner' };

test('the output of an execution is read', () => {
  expect(pipelineResult(JSON.stringify({ winner: trial, trials: [trial], objectVersion: 'v1', registered, key: 'winner/model.tar.gz' })))
    .toEqual({ winner: trial, trials: [trial], objectVersion: 'v1', registered });
});

test('fails when the output names no version', () => {
  expect(() => pipelineResult(JSON.stringify({ winner: trial, trials: [trial] }))).toThrow(/must have trials and an objectVersion/);
});

test('fails when nothing was registered', () => {
  expect(() => pipelineResult(JSON.stringify({ winner: trial, trials: [trial], objectVersion: 'v1', registered: {} })))
    .toThrow("what is registered must have the text 'name', got {}");
});

test('fails when a trial lacks its commit', () => {
  expect(() => pipelineResult(JSON.stringify({ winner: { name: 'one' }, trials: [], objectVersion: 'v1' }))).toThrow(/must have the text 'branch'/);
});
