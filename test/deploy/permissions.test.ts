import {
  CreateCompilationJobCommand, type CreateCompilationJobCommandInput, CreateEdgePackagingJobCommand, type CreateEdgePackagingJobCommandInput,
} from '@aws-sdk/client-sagemaker';
import { setTimeout as pause } from 'node:timers/promises';
import { TestCloud } from './harness';
import { describeCompilation } from './model-states';
import { silent, takeAway, type Outcome, type Subject } from './permissions';
import { strangeRequests } from './service-models';

const APP = { app: 'test/deploy/fixtures/permissions-app.ts' };

const SUBJECTS: readonly Subject[] = [
  {
    stack: 'permissions-00-jobs',
    scenarios: {
      'sagemaker:StopCompilationJob': { alone: true, between: async (cloud) => { await runAgain(cloud, 'CreateCompilationJob'); } },
      'sagemaker:StopEdgePackagingJob': { alone: true, between: async (cloud) => { await runAgain(cloud, 'CreateEdgePackagingJob'); } },
      'cloudformation:DescribeStackResource': { alone: true, before: async (cloud) => cloud.fault({ operation: 'CreateCompilationJob', kind: 'throttle', forMs: 10_000 }) },
    },
  },
  { stack: 'permissions-00-identity' },
];

describe('with one right less, a deployment or its deletion fails by the name of the action', () => {
  let cloud: TestCloud;
  let outcomes: Outcome[];

  beforeAll(async () => {
    cloud = await TestCloud.start('permissions', { delays: { startingMs: 100, runningMs: 100 } });
    await cloud.deploy(APP); // proves that all rights together suffice, and uploads what the copies need
    await cloud.destroy(APP);
    outcomes = await takeAway(cloud, SUBJECTS);
  });
  afterAll(async () => { await cloud.stop(); });

  test('for every right that a handler holds', () => {
    expect(silent(outcomes)).toEqual([]);
  });

  test('and all that was sent is in the services\' published models', () => {
    expect(cloud.requests().some(({ service }) => service === 'SageMaker')).toBe(true);
    expect(strangeRequests(cloud)).toEqual([]);
  });

  test('and the rights are those of both handlers', () => {
    expect(new Set(outcomes.map(({ rule }) => rule.action.split(':')[0]))).toEqual(new Set(['sagemaker', 'iam', 'cloudformation', 'iot', 'secretsmanager']));
  });
});

/** As if the stack were deleted while its job runs: forgets all jobs, and starts those of the newest stack again, the one asked for without an end. */
async function runAgain(cloud: TestCloud, operation: 'CreateCompilationJob' | 'CreateEdgePackagingJob'): Promise<void> {
  const { sageMaker } = cloud.cloud.clients;
  const compilation = newest(cloud, 'CreateCompilationJob') as CreateCompilationJobCommandInput;
  const packaging = newest(cloud, 'CreateEdgePackagingJob') as CreateEdgePackagingJobCommandInput;
  await cloud.resetStandIn();
  const endless = operation === 'CreateCompilationJob' ? compilation.CompilationJobName : packaging.EdgePackagingJobName;
  await cloud.fault({ jobNameContains: endless, become: 'NEVER_ENDING' });
  await sageMaker.send(new CreateCompilationJobCommand(compilation));
  if (operation === 'CreateCompilationJob') { return; }
  while ((await describeCompilation(cloud, compilation.CompilationJobName ?? '')).CompilationJobStatus !== 'COMPLETED') { await pause(100); }
  await sageMaker.send(new CreateEdgePackagingJobCommand(packaging));
}

function newest(cloud: TestCloud, operation: string): unknown {
  const request = cloud.requests().findLast((entry) => entry.operation === operation && entry.status === 200);
  if (!request) { throw new Error(`nobody called ${operation}`); }
  return request.input;
}
