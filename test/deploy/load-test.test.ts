import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { AwsCli, type CommandResult } from './aws-cli';
import { Browser } from './browser';
import { TestCloud } from './harness';
import { needlessWidth, type Listed } from '../rights/width';
import type { Evidence } from './evidence';
import { bestTps, LoadTestRuns } from './load-test-runs';
import { readEvidence } from './permissions';
import { rolesNamed } from './template-rules';

/** One instance: two workers of 100 ms. */
const CAPACITY_TPS = 20;
const MINUTE_MS = 60_000;
const EXECUTIONS = /arn:aws:states:us-east-1:000000000000:execution:[\w-]+:\*/;
const LISTED: readonly Listed[] = [
  {
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    pattern: /arn:aws:logs:us-east-1:000000000000:log-group:\/aws\/cloudformation\/LoadTest\/\w+:\*/,
    reason: 'the Lambda service writes a function\'s log with the function\'s role, which calls neither',
  },
  {
    actions: ['logs:GetLogEvents'], pattern: /arn:aws:logs:us-east-1:000000000000:log-group:\/aws\/cloudformation\/LoadTest\/LoadTestImage\w+:\*/,
    reason: 'of a build that has failed, the last lines are told: test/lambda/images',
  },
  {
    actions: ['codebuild:StopBuild'], pattern: /arn:aws:codebuild:us-east-1:000000000000:project\/[\w-]+/,
    reason: 'a build is stopped where a stack is deleted or rolled back in the middle of it: test/lambda/images',
  },
  {
    actions: ['ecr:DescribeImages'], pattern: /arn:aws:ecr:us-east-1:000000000000:repository\/loadtest-loadtestimage[\w-]+/,
    reason: 'the emulator answers ECR\'s calls, and nothing logs them: test/lambda/images',
  },
  {
    actions: ['s3:GetObject', 's3:PutObject'], pattern: /arn:aws:s3:::loadtest-loadtestresults[\w-]+\/runs\/\*/,
    stands: /(capacity|gate|stopped|second|[0-9a-f-]{36})\/([\w-]+\.(json|html)|steps\/\d\d\.json)/,
    reason: 'each run has a folder, which its execution names: it may have any name',
  },
  {
    actions: ['iam:PassRole'], pattern: /arn:aws:iam::000000000000:role\/LoadTest-LoadTestTasks(Master|Worker)(Task|Execution)Role[\w-]+/,
    reason: 'RunTask passes the roles of the task definition, which its call does not name: test/local/containers/tasks.test.ts refuses it without',
  },
  {
    actions: ['sagemaker:DescribeEndpointConfig'], pattern: /arn:aws:sagemaker:us-east-1:000000000000:endpoint-config\/\*/,
    stands: /LoadTest-EndpointConfig[\w-]+/, reason: 'an update gives the endpoint another configuration, by a name of its own',
  },
  {
    actions: ['states:DescribeExecution', 'states:StopExecution'], pattern: EXECUTIONS, stands: /stopped|[0-9a-f-]{36}/,
    reason: 'whatever execution has the lock, or runs when the stack is deleted: it may have any name',
  },
];

describe('a load test in the local cloud', () => {
  const payload = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'load-test-')), 'payload.json');
  const deployment = { app: 'test/deploy/fixtures/load-test-app.ts', context: { model: 'examples/scikit-learn/model.onnx', payload } };
  let cloud: TestCloud;
  let runs: LoadTestRuns;
  let evidence: Evidence;
  let ofMaster: Evidence;
  let cli: AwsCli;

  /** Runs the command that the construct has printed into an output of the stack. */
  const printed = async (output: 'Start' | 'Stop' | 'Wait'): Promise<CommandResult> => cli.run(cloud, (await cloud.outputs('LoadTest'))[output] ?? '');

  beforeAll(async () => {
    const data = Array.from({ length: 13 }, (_, index) => index);
    fs.writeFileSync(payload, JSON.stringify({ inputs: [{ name: 'measurements', shape: [1, 13], datatype: 'FP32', data }] }));
    cloud = await TestCloud.start('load-test', {
      endpoints: { delays: { creatingMs: 500, updatingMs: 500 }, metrics: { periodSeconds: 5, delaySeconds: 1 } },
    });
    await cloud.deploy(deployment);
    cli = await AwsCli.install();
    const outputs = await cloud.outputs('LoadTest');
    runs = new LoadTestRuns(cloud.cloud.clients, outputs);
    evidence = await readEvidence(cloud, ['LoadTest']);
    ofMaster = await readEvidence(cloud, ['LoadTest'], { roles: rolesNamed(/TasksMasterTaskRole/), isByPolicy: true });
    await cloud.capacity({ endpointNameContains: outputs.EndpointName, concurrency: 2, serviceMs: 100, queue: 100 });
  });
  afterAll(async () => {
    await cloud.stop();
    fs.rmSync(path.dirname(payload), { recursive: true });
  });

  async function until(isThere: () => Promise<boolean>): Promise<void> {
    for (const end = Date.now() + 2 * MINUTE_MS; !await isThere();) {
      expect(Date.now()).toBeLessThan(end);
      await sleep(500);
    }
  }

  test('finds what the endpoint bears, reports it and leaves no task', async () => {
    expect(await runs.ended(await runs.start('capacity'))).toEqual({ status: 'SUCCEEDED', cause: undefined });
    const steps = await runs.steps('capacity');
    expect(steps.filter(({ endpoint }) => endpoint === undefined)).toEqual([]);
    expect(bestTps(steps)).toBeGreaterThan(CAPACITY_TPS * 0.9);
    expect(bestTps(steps)).toBeLessThan(CAPACITY_TPS * 1.1);
    expect(await runs.run('capacity')).toMatchObject({ status: 'SUCCEEDED', instanceType: 'ml.c5.xlarge', vcpus: 4, instances: 1 });
    expect(await runs.report('capacity')).toMatchObject({ passed: true, outcome: 'met', cloud: { verdict: { kind: 'instance-full' } } });
    expect(await runs.read('capacity', 'report.html')).toContain('<html');
    expect(await runs.tasks()).toEqual([]);
    expect(await printed('Wait')).toEqual({ code: 0, output: '' });
  });

  test('has its report drawn by a real browser, which complains of nothing', async () => {
    const page = path.join(cloud.cloud.folder.tmp, 'report.html');
    fs.writeFileSync(page, await runs.read('capacity', 'report.html'));
    const { text, canvases, complaints } = await (await Browser.install()).visit(pathToFileURL(page).href);
    expect(complaints).toEqual([]);
    expect(text).toContain('Passed');
    expect(canvases.length).toBeGreaterThan(0);
    expect(canvases).not.toContain(false);
  });

  test('fails as a gate where the target is not met, leaves no task, and the printed command says so by its exit code', async () => {
    const { status } = await runs.ended(await runs.start('gate', { users: [4], settleSeconds: 1, holdSeconds: 10, targetTps: 1000 }));
    expect(status).toBe('FAILED');
    expect((await runs.run('gate')).status).toBe('SUCCEEDED');
    expect(await runs.tasks()).toEqual([]);
    expect(await printed('Wait')).toEqual({ code: 1, output: '' });
  });

  test('refuses a second run, has its tasks stopped and what there is reported, where somebody stops it by the printed command', async () => {
    await runs.start('stopped', { users: [2], holdSeconds: 300 });
    await until(async () => (await runs.tasks()).length >= 2);
    const second = await runs.ended(await runs.start('second', { users: [2] }));
    expect(second).toMatchObject({ status: 'FAILED', cause: expect.stringContaining('stopped') as unknown });
    expect(await printed('Stop')).toMatchObject({ code: 0 });
    await until(async () => (await runs.tasks()).length === 0 && (await runs.run('stopped')).status !== 'RUNNING');
    expect(await runs.run('stopped')).toMatchObject({ status: 'ABORTED', reason: 'the execution was stopped' });
  });

  test('leaves nothing where its stack is deleted while a run goes on that the printed command has started', async () => {
    expect(await printed('Start')).toEqual({ code: 0, output: expect.stringContaining('executionArn') as unknown });
    await until(async () => (await runs.tasks()).length >= 2);
    await cloud.destroy(deployment);
    expect(await runs.tasks().catch(() => [])).toEqual([]);
    expect(await cloud.leftovers()).toEqual([]);
  });

  test('has used each right of its functions by then, but for those that are listed with their reason', () => {
    expect(evidence.unknownCalls()).toEqual([]);
    expect(needlessWidth(evidence.rights(), LISTED)).toEqual([]);
  });

  test('has used each right on S3 of its master task, in several runs', () => {
    const rights = ofMaster.rights().filter(({ action }) => action.startsWith('s3:'));
    expect(rights.map(({ action }) => action).sort()).toEqual(['s3:GetObject', 's3:PutObject']);
    expect(needlessWidth(rights, [])).toEqual([]);
  });
});
