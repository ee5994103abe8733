import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  DescribeExecutionCommand, StartExecutionCommand, StopExecutionCommand, type DescribeExecutionCommandOutput,
} from '@aws-sdk/client-sfn';
import { AssumeRoleCommand } from '@aws-sdk/client-sts';
import { largestDifference, ofDevice, ofEndpoint, ofScript, readRows } from '../../local/cloud/experiments/predictions';
import { readRegistered } from '../../local/cloud/experiments/registry';
import { ExperimentsRepository } from '../../local/cloud/experiments/repository';
import { runPipeline, type PipelineResult } from '../../local/cloud/experiments/run';
import { readRuns } from '../../local/cloud/experiments/runs';
import { inCheckout } from '../../local/cloud/folder';
import { SilentProgress } from '../../local/cloud/progress';
import { experimentsPython } from '../../local/cloud/python';
import { isRecord } from '../../local/service/validator';
import { needlessWidth } from '../rights/width';
import type { Evidence } from './evidence';
import { EXPERIMENT_ROLES, LISTED } from './experiment-rights';
import { TestCloud } from './harness';
import { Jupyter } from './notebook';
import { ANALYST, LISTED_OF_ANALYST } from './notebook-rights';
import { readEvidence } from './permissions';

const app = 'test/deploy/fixtures/notebook-app.ts'; // the example, and a role for the user of its notebook
const REGISTER = inCheckout('examples', 'dvc-experiments', 'registration', 'register.py');
const NOTEBOOK = inCheckout('examples', 'dvc-experiments', 'notebook.ipynb');
const ROWS = 5;

interface Job { readonly name: string; readonly status: string }

describe('experiments with versioned data, in the local cloud', () => {
  let cloud: TestCloud;
  let jupyter: Jupyter;
  let repository: ExperimentsRepository;
  let evidence: Evidence;
  let analyst: Evidence;
  let outputs: Record<string, string> = {};
  let result: PipelineResult;
  /** An execution before there is a branch. */
  let empty: DescribeExecutionCommandOutput;
  let clones: ReadonlyMap<string, string> = new Map();

  beforeAll(async () => {
    cloud = await TestCloud.start('experiments', { experiments: true });
    const python = await experimentsPython(cloud.session, cloud.cloud.folder, new SilentProgress());
    repository = new ExperimentsRepository(cloud.cloud, cloud.session, python);
    jupyter = await Jupyter.install(python);
  });
  beforeAll(async () => { // packages may take as long as all that follows
    await cloud.deploy({ app });
    outputs = await cloud.outputs('DvcExperiments');
    analyst = await readEvidence(cloud, ['DvcExperiments'], ANALYST);
    evidence = await readEvidence(cloud, ['DvcExperiments'], EXPERIMENT_ROLES);
    empty = await ended(await start());
    await repository.seed(outputs.Setup ?? '');
    result = await runPipeline(cloud.cloud.clients, outputs.StateMachine ?? '');
    clones = await repository.pullAll(outputs.RepositoryUrl ?? '', result.trials);
  });
  afterAll(async () => {
    await cloud.stop();
  });

  const jobs = async (): Promise<Job[]> => {
    const { processingJobs, trainingJobs } = await cloud.standInState();
    const listed = (all: unknown): unknown[] => (Array.isArray(all) ? all : []);
    return [...listed(processingJobs), ...listed(trainingJobs)].filter(isRecord).map((job) => ({
      name: String(job.ProcessingJobName ?? job.TrainingJobName), status: String(job.ProcessingJobStatus ?? job.TrainingJobStatus),
    }));
  };
  const start = async (): Promise<string> => {
    const request = new StartExecutionCommand({ stateMachineArn: outputs.StateMachine });
    return (await cloud.cloud.clients.stepFunctions.send(request)).executionArn ?? '';
  };
  const ended = async (executionArn: string): Promise<DescribeExecutionCommandOutput> => {
    for (;;) {
      const described = await cloud.cloud.clients.stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
      if (described.status !== 'RUNNING') {
        return described;
      }
      await sleep(500);
    }
  };
  /** In the clone of the user, where the raw data were made. */
  const inRepository = async (what: string, ...commands: readonly string[]): Promise<void> => repository.inClone(what, commands);

  test('a base branch that does not exist fails the pipeline with its name', () => {
    const { cause, error, status } = empty;
    expect({ error, status }).toEqual({ error: 'CodeCommit.BranchDoesNotExistException', status: 'FAILED' });
    expect(cause).toContain('main');
  });

  test('both trials process, train and are evaluated, and the one with the smaller error wins', () => {
    expect(result.trials.map(({ name }) => name)).toEqual(['single-file', 'multi-files']);
    const errors = result.trials.map(({ metrics }) => metrics['test-median-error'] ?? NaN);
    expect(errors.every((error) => error > 0)).toBe(true);
    expect(result.winner.metrics['test-median-error']).toBe(Math.min(...errors));
  });

  test('each branch has data of its own, one file or several, which are those that the processing job made', () => {
    const files = (trial: string) => fs.readdirSync(path.join(clones.get(trial) ?? '', 'data', 'train')).sort();
    expect(files('single-file')).toEqual(['train-0.csv']);
    expect(files('multi-files')).toEqual(['train-0.csv', 'train-1.csv']);
    expect(new Set(result.trials.map(({ commit }) => commit)).size).toBe(2);
    expect(new Set(result.trials.map(({ files: digests }) => digests['data/train'])).size).toBe(2);
  });

  test('each trial is a run in MLflow, with its commit, branch and metrics', async () => {
    const lines = await readRuns(repository, outputs.TrackingUri ?? '', result.trials);
    expect(lines).toEqual(result.trials.map(({ commit }) => (
      expect.stringContaining(`data_commit_hash ${commit}, AE-at-50th-percentile `) as unknown
    )));
  });

  test('the winner is registered in MLflow, with its model, run, commit and branch', async () => {
    expect(result.registered).toEqual({ name: 'houses', version: '1', alias: 'winner' });
    expect(await readRegistered(repository, outputs.TrackingUri ?? '', result)).toMatchObject({ version: '1', versions: 1 });
  });

  test('the script of the registration makes no second version of a winner that it has registered', async () => {
    const { run } = await readRegistered(repository, outputs.TrackingUri ?? '', result);
    await repository.runPython('a second registration', [REGISTER, '--model-name', 'houses'], {
      MLFLOW_TRACKING_URI: outputs.TrackingUri ?? '', MLFLOW_RUN_ID: run, EXPERIMENT_MODEL_URI: result.winner.model,
      EXPERIMENT_OBJECT_VERSION: 'another', DVC_COMMIT: result.winner.commit, DVC_BRANCH: result.winner.branch,
      SM_OUTPUT_DATA_DIR: cloud.cloud.folder.tmp,
    });
    expect(await readRegistered(repository, outputs.TrackingUri ?? '', result)).toMatchObject({ version: '1', versions: 1 });
  });

  test('a second start runs no job, and names the same winner', async () => {
    const before = await jobs();
    expect(before).toHaveLength(7);
    const { objectVersion, ...second } = await runPipeline(cloud.cloud.clients, outputs.StateMachine ?? '');
    const { objectVersion: first, ...same } = result;
    expect(second).toEqual(same);
    expect(objectVersion).not.toBe(first);
    expect(await jobs()).toEqual(before);
  });

  describe('the notebook', () => {
    let cells: string[] = [];

    beforeAll(async () => {
      cells = await jupyter.execute(repository, NOTEBOOK, path.join(cloud.cloud.folder.tmp, 'notebook'));
    });

    test('pulls the raw data, and waits for the winner of the trials, which are no work', async () => {
      const [, data, trials] = cells;
      expect(data).toMatch(/MedHouseVal/);
      expect(trials).toMatch(new RegExp(`^winner ${result.winner.name}, objectVersion \\S+$`, 'm'));
      expect(await jobs()).toHaveLength(7);
    });

    test('compares the runs of both trials in MLflow, the winner first', () => {
      const lines = (cells[3] ?? '').split('\n').filter((line) => line.startsWith('dvc-trial-'));
      const metric = 'test-median-error';
      const wanted = [...result.trials].sort((one, other) => (one.metrics[metric] ?? NaN) - (other.metrics[metric] ?? NaN));
      expect(lines.map((line) => line.split(/\s+/).slice(0, 2))).toEqual(wanted.map(({ branch, commit }) => [branch, commit]));
      expect(lines.map((line) => Number(line.split(/\s+/)[3]))).toEqual(wanted.map(({ metrics }) => metrics[metric]));
    });

    test('shows what the model that won predicts beside the truth, with the error of the evaluation', async () => {
      const [, , , , shown = ''] = cells;
      const rows = [...shown.matchAll(/^\d+ +([\d.]+) +([\d.]+)$/gm)].slice(0, ROWS).map(([, ...numbers]) => numbers.map(Number));
      const script = await ofScript(cloud.cloud, result.winner.evaluation);
      const truth = readTruth(path.join(clones.get(result.winner.name) ?? '', 'data', 'test', 'test-0.csv'));
      expect(shown).toContain(`median error ${(result.winner.metrics['test-median-error'] ?? NaN).toFixed(6)} of`);
      expect(rows).toHaveLength(ROWS);
      rows.forEach(([predicted = NaN, real = NaN], row) => {
        expect(Math.abs(predicted - (script[row] ?? NaN))).toBeLessThan(1e-5);
        expect(Math.abs(real - (truth[row] ?? NaN))).toBeLessThan(1e-5);
      });
    });

    test('needs each right that README.md names and no other, but for those that are listed with their reason', async () => {
      const { recorder } = cloud.cloud.endpoints;
      const request = new AssumeRoleCommand({ RoleArn: outputs.AnalystRole, RoleSessionName: 'notebook' });
      const { Credentials: { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = {} } = await cloud.cloud.clients.sts.send(request);
      const shown = await jupyter.execute(repository, NOTEBOOK, path.join(cloud.cloud.folder.tmp, 'analyst'), {
        AWS_ACCESS_KEY_ID: AccessKeyId, AWS_SECRET_ACCESS_KEY: SecretAccessKey, AWS_SESSION_TOKEN: SessionToken,
        AWS_ENDPOINT_URL_S3: recorder, AWS_ENDPOINT_URL_CLOUDFORMATION: recorder, AWS_ENDPOINT_URL_SFN: recorder,
      });
      expect(shown.slice(3)).toEqual(cells.slice(3));
      expect(analyst.unknownCalls()).toEqual([]);
      expect(needlessWidth(analyst.rights(), LISTED_OF_ANALYST)).toEqual([]);
    });

    test('ends with the name of a stack that is not there', async () => {
      const folder = path.join(cloud.cloud.folder.tmp, 'no-stack');
      const said = expect.arrayContaining([expect.stringMatching(/Nowhere.*does not exist/)]) as unknown;
      await expect(jupyter.execute(repository, NOTEBOOK, folder, { STACK_NAME: 'Nowhere' })).rejects.toMatchObject({ advice: said });
    });
  });

  test('the winner predicts the same in script, endpoint and device', async () => {
    await cloud.deploy({ app, context: { winner: result.objectVersion } });
    const { EndpointName = '' } = await cloud.outputs('DvcExperiments');
    const rows = readRows(path.join(clones.get(result.winner.name) ?? '', 'data', 'test'), ROWS);
    const predictions = {
      script: await ofScript(cloud.cloud, result.winner.evaluation), endpoint: await ofEndpoint(cloud.cloud, EndpointName, rows),
      device: await ofDevice(cloud.cloud, cloud.session, rows),
    };
    expect(new Set(predictions.script).size).toBe(ROWS);
    expect(largestDifference(predictions)).toBeLessThan(1e-5);
  });

  test('a pipeline that is stopped in the middle leaves no job', async () => {
    const before = await jobs();
    await inRepository('more raw data', 'echo "5,20,5,1,900,3,34,-118,2" >> data/raw.csv', 'dvc add data/raw.csv',
      'git commit --quiet --all --message "One house more"', 'dvc push', 'git push origin HEAD:main');
    const executionArn = await start();
    while ((await jobs()).filter(({ status }) => status === 'InProgress').length < 2) {
      await sleep(200);
    }
    await cloud.cloud.clients.stepFunctions.send(new StopExecutionCommand({ executionArn }));
    expect(await ended(executionArn)).toMatchObject({ status: 'ABORTED' });
    let left = await jobs();
    while (left.some(({ status }) => ['InProgress', 'Stopping'].includes(status))) {
      await sleep(200);
      left = await jobs();
    }
    expect(left.slice().sort(byName).map(({ status }) => status).filter((status) => status !== 'Completed')).toEqual(['Stopped', 'Stopped']);
    expect(left).toHaveLength(before.length + 2);
  });

  test('a commit without its data in the remote fails the trials, and the message names the file', async () => {
    await inRepository('a commit without its data', 'echo "5,21,5,1,900,3,34,-118,2" >> data/raw.csv', 'dvc add data/raw.csv',
      'git commit --quiet --all --message "Not pushed to DVC"', 'git push origin HEAD:main');
    const { cause, status } = await ended(await start());
    expect(status).toBe('FAILED');
    expect(cause).toMatch(/data\/raw\.csv/);
  });

  test('each role of jobs, and that of the state machine, has used each of its rights by then, but for those that are listed with their reason', () => {
    expect(evidence.unknownCalls()).toEqual([]);
    expect(needlessWidth(evidence.rights(), LISTED)).toEqual([]);
  });

  test('is deleted without a trace', async () => {
    await cloud.destroy({ app, context: { winner: result.objectVersion } });
    expect(await cloud.leftovers()).toEqual([]);
  });
});

function byName(one: Job, other: Job): number {
  return one.name.localeCompare(other.name);
}

/** The last column: what is predicted. */
function readTruth(file: string): number[] {
  return fs.readFileSync(file, 'utf8').trim().split('\n').slice(1).map((line) => Number(line.split(',').at(-1)));
}
