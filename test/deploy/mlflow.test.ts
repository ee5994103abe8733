import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchLogsClient, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { CreateProcessingJobCommand, DescribeProcessingJobCommand } from '@aws-sdk/client-sagemaker';
import { CHECKOUT } from '../../local/cloud/folder';
import { readState } from '../../local/cloud/state';
import { ACCOUNT } from '../../local/service/account';
import { signed } from '../local/service/signed';
import { needlessWidth } from '../rights/width';
import type { Evidence } from './evidence';
import { TestCloud } from './harness';
import { readEvidence } from './permissions';
import { LISTED, LISTED_OF_SERVERS, SERVERS, TRACKERS } from './tracking-rights';

const deployment = { app: 'test/deploy/fixtures/tracking-app.ts' };
const CLIENT = path.join(__dirname, 'fixtures', 'tracking_client.py');
const PYTORCH = '763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.8.0-cpu-py312-ubuntu22.04-sagemaker';
const CODE = 'code-of-jobs';
const CONTAINER_CODE = '/opt/ml/processing/code';
let jobs = 0;
/** A package that neither the emulator nor the experiments have. */
const REQUIREMENTS = `dvc==3.67.1
iniconfig==2.1.0
`;
const INSTALLS = `
import subprocess, sys
print(subprocess.run([sys.executable, "-m", "pip", "install", "-r", sys.argv[1] + "/requirements.txt"], capture_output=True, text=True).stdout)
import dvc, iniconfig, mlflow
print("imported", iniconfig.__file__)
`;
const TRACKS = `
import sys, types
sys.path.insert(0, sys.argv[1])
from experiment_job.tracking import Tracking
tracking = Tracking(types.SimpleNamespace(job_name="job", trial="one", experiment="of jobs"))
tracking.begin({"depth": "3"})
tracking.metrics({"error": 0.5})
tracking.end("FINISHED")
print("went on, run:", tracking.run_id)
`;

let cloud: TestCloud;
let evidence: Evidence;
let ofServers: Evidence;
let sockets = '';
const uris: Record<string, string> = {};
beforeAll(async () => {
  cloud = await TestCloud.start('mlflow', { experiments: true });
  sockets = readState(cloud.cloud.folder)?.sockets ?? '';
  expect(sockets).not.toBe('');
  await cloud.deploy(deployment);
  evidence = await readEvidence(cloud, ['Tracking'], TRACKERS);
  ofServers = await readEvidence(cloud, ['Tracking'], SERVERS);
  const { AppUri = '', ServerUri = '' } = await cloud.outputs('Tracking');
  Object.assign(uris, { App: AppUri, Server: ServerUri });
  const { s3 } = cloud.cloud.clients;
  await s3.send(new CreateBucketCommand({ Bucket: CODE }));
  const folder = path.join(CHECKOUT, 'experiment-job', 'experiment_job');
  const files = Object.fromEntries(fs.readdirSync(folder).filter((name) => name.endsWith('.py'))
    .map((name) => [`experiment_job/${name}`, fs.readFileSync(path.join(folder, name), 'utf8')]));
  for (const [Key, Body] of Object.entries({ ...files, 'requirements.txt': REQUIREMENTS, 'tracking_client.py': fs.readFileSync(CLIENT, 'utf8'), 'installs.py': INSTALLS, 'tracks.py': TRACKS })) {
    await s3.send(new PutObjectCommand({ Bucket: CODE, Key, Body }));
  }
});
afterAll(async () => {
  await cloud.stop();
  expect(servers()).toEqual([]);
});

/** The processes of MLflow's servers of this cloud, and those alone: by the folder of its sockets. */
function servers(): string[] {
  return fs.readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandLine(pid).includes(`${sockets}/`) && /mlflow\.(db|sock)/.test(commandLine(pid)));
}

function commandLine(pid: string): string {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ''; // it has just ended
  }
}

/** MLflow's own client in a job of the role, by the URI of an app or a server: what it prints last. */
async function client(role: string, what: string, uri: string): Promise<Record<string, unknown>> {
  const { log, status } = await job({ script: 'tracking_client.py', args: [what], role, environment: { MLFLOW_TRACKING_URI: uri } });
  expect({ log, status }).toMatchObject({ status: 'Completed' });
  return JSON.parse(/^\{.*\}$/m.exec(log)?.[0] ?? '') as Record<string, unknown>;
}

interface Job {
  readonly script: string;
  readonly args?: readonly string[];
  readonly role?: string;
  readonly environment?: Record<string, string>;
}

/** A processing job of a script in the bucket. Its log, and how it ended. */
async function job(
  { script, args = [CONTAINER_CODE], role = 'tracker', environment = {} }: Job,
): Promise<{ readonly log: string; readonly status: string }> {
  const name = `job-${jobs++}`;
  const { sageMaker, settings } = cloud.cloud.clients;
  await sageMaker.send(new CreateProcessingJobCommand({
    ProcessingJobName: name, RoleArn: `arn:aws:iam::${ACCOUNT}:role/${role}`, Environment: environment,
    AppSpecification: { ImageUri: PYTORCH, ContainerEntrypoint: ['python3', `${CONTAINER_CODE}/${script}`, ...args] },
    ProcessingInputs: [{
      InputName: 'code',
      S3Input: { S3Uri: `s3://${CODE}/`, LocalPath: CONTAINER_CODE, S3DataType: 'S3Prefix', S3InputMode: 'File' },
    }],
    ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: 'ml.m5.large', VolumeSizeInGB: 1 } },
  }));
  for (;;) {
    const { ProcessingJobStatus: status = '', FailureReason: reason = '' } = await sageMaker.send(
      new DescribeProcessingJobCommand({ ProcessingJobName: name }),
    );
    if (status === 'Failed') {
      return { log: reason, status };
    }
    if (status !== 'InProgress') {
      const logs = new CloudWatchLogsClient(settings);
      const lines: string[] = [];
      for await (const { events = [] } of paginateFilterLogEvents(
        { client: logs }, { logGroupName: '/aws/sagemaker/ProcessingJobs', logStreamNamePrefix: `${name}/` },
      )) {
        lines.push(...events.filter(({ logStreamName = '' }) => logStreamName.startsWith(`${name}/`)).map(({ message = '' }) => message)); // the emulator knows no prefix
      }
      logs.destroy();
      return { log: lines.join('\n'), status };
    }
    await sleep(200);
  }
}

describe.each(['App', 'Server'])('MLflow\'s own client, by the ARN of the %s,', (kind) => {
  test('tracks a run with its artifact, finds it again, and registers a model', async () => {
    const found = await client('tracker', 'track', uris[kind] ?? '');
    expect(found).toEqual({
      runs: [true], params: { 'depth': '3', 'learning rate': '0.1' }, history: [0.5, 0.25], artifact: 'of the run', alias: true,
      artifact_uri: expect.stringMatching(/^s3:\/\/[\w-]+\/mlflow\/1\/[0-9a-f]{32}\/artifacts$/) as unknown,
    });
  });

  test('does all else that who may track may do', async () => {
    expect(await client('tracker', 'more', uris[kind] ?? '')).toEqual({
      experiments: ['Default', 'houses of a & b', 'more and more'], experiment: 'houses', models: ['trees'], model: { trees: '3', leaves: '5' },
      registered: ['houses', 'trees'], description: 'of houses', versions: [{ stage: 'trial' }], version: 'the first', latest: [true], source: true,
      listed: [200, [{ path: 'model.txt', is_dir: false, file_size: 7 }]], page: kind === 'App' ? 'a note' : null,
    });
  });

  test('is refused with a role that may not track', async () => {
    const { refused } = await client('stranger', 'track', uris[kind] ?? '');
    expect(refused).toContain(`is not authorized to perform: ${kind === 'App' ? 'sagemaker:CallMlflowAppApi' : 'sagemaker-mlflow:GetExperimentByName'} on resource: ${uris[kind] ?? ''}`);
  });
});

test('who may track may delete runs of an app, since it has one right, and not those of a tracking server', async () => {
  expect(await client('tracker', 'delete', uris.App ?? '')).toEqual({ deleted: true });
  expect((await client('tracker', 'delete', uris.Server ?? '')).refused).toContain('is not authorized to perform: sagemaker-mlflow:DeleteRun');
});

test('a wrong signature is refused, also root\'s', async () => {
  const { mlflow, root } = cloud.cloud.endpoints;
  const { url, headers } = await signed(`${mlflow}/api/2.0/mlflow/experiments/search?max_results=5`, {
    service: 'sagemaker', accessKeyId: root.accessKeyId, secretAccessKey: 'wrong', headers: { 'x-sm-mlflow-app-arn': uris.App ?? '' },
  });
  const response = await fetch(url, { headers });
  expect([response.status, await response.json()]).toEqual([403, {
    error_code: 'InvalidSignatureException', message: expect.stringContaining('signature we calculated does not match') as unknown,
  }]);
});

test('a job installs what its requirements.txt names into a place of its own, and nothing that is there already', async () => {
  const { folder } = cloud.cloud;
  const { log, status } = await job({ script: 'installs.py' });
  expect({ log, status }).toMatchObject({ status: 'Completed' });
  expect(log).toContain('Requirement already satisfied: dvc==3.67.1');
  expect(log).toMatch(/imported \/.*\/sagemaker-job-\w+\/\.venv\//);
  for (const venv of [folder.venv, folder.experimentsVenv]) {
    const [version = ''] = fs.readdirSync(path.join(venv, 'lib'));
    expect(fs.existsSync(path.join(venv, 'lib', version, 'site-packages', 'iniconfig'))).toBe(false);
  }
});

test('a job tracks by the ARN, and goes on and says so when the server is down', async () => {
  const environment = { MLFLOW_TRACKING_URI: uris.App ?? '' };
  expect(await job({ script: 'tracks.py', environment })).toMatchObject({
    status: 'Completed', log: expect.stringMatching(/went on, run: [0-9a-f]{32}/) as unknown,
  });
  const id = (uris.App ?? '').split('/').at(-1) ?? '';
  expect(servers().length).toBeGreaterThan(0);
  const log = path.join(cloud.cloud.folder.logs, `mlflow-${id}.log`);
  expect(fs.existsSync(log)).toBe(true);
  for (const pid of servers()) {
    process.kill(Number(pid), 'SIGKILL');
  }
  const { log: after, status } = await job({ script: 'tracks.py', environment });
  expect(status).toBe('Completed');
  expect(after).toContain('not tracked: ');
  expect(after).toMatch(/went on, run: *$/m);
});

test('who may track has used each right on the app, on the tracking server and on artifacts, but for those that are listed with their reason', () => {
  const rights = evidence.rights().filter(({ action }) => !action.endsWith('*')); // those on the code are the fixture's own
  expect(rights.length).toBeGreaterThan(0);
  expect(evidence.unknownCalls()).toEqual([]);
  expect(needlessWidth(rights, LISTED)).toEqual([]);
});

test('the roles of the app and of the tracking server have used each of their rights, but for those that are listed with their reason', () => {
  expect(ofServers.unknownCalls()).toEqual([]);
  expect(ofServers.rights().length).toBeGreaterThan(0);
  expect(needlessWidth(ofServers.rights(), LISTED_OF_SERVERS)).toEqual([]);
});

test('deletion leaves no process and no record', async () => {
  await cloud.destroy(deployment);
  expect(servers()).toEqual([]);
  expect((await cloud.standInState()).mlflow).toEqual([]);
});
