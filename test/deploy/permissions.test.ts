import {
  CreateCompilationJobCommand, type CreateCompilationJobCommandInput, CreateEdgePackagingJobCommand,
  type CreateEdgePackagingJobCommandInput,
} from '@aws-sdk/client-sagemaker';
import { setTimeout as pause } from 'node:timers/promises';
import { needlessWidth, type Listed } from '../rights/width';
import type { Evidence } from './evidence';
import { TestCloud } from './harness';
import { describeCompilation } from './model-states';
import { change, LOG_RIGHTS, readEvidence, silent, takeAway, update, type Copy, type Outcome, type Subject } from './permissions';
import { strangeRequests } from './strange-requests';
import type { Template } from './template-rules';

const APP = { app: 'test/deploy/fixtures/permissions-app.ts' };

const SUBJECTS: readonly Subject[] = [
  {
    stack: 'permissions-00-jobs',
    scenarios: {
      'sagemaker:StopCompilationJob': {
        alone: true,
        before: throttle,
        between: async (cloud) => { await runAgain(cloud, 'CreateCompilationJob'); },
      },
      'sagemaker:StopEdgePackagingJob': { alone: true, between: async (cloud) => { await runAgain(cloud, 'CreateEdgePackagingJob'); } },
      'cloudformation:DescribeStackResource': { alone: true, before: throttle },
      'sagemaker:DeleteTags': { between: untag },
    },
  },
  { stack: 'permissions-00-identity' },
];

/** `fleet` is deployed once, not copied: its devices show what the rights are that a fleet's devices share. */
const STACKS = [...SUBJECTS.map(({ stack }) => stack), 'permissions-00-fleet'];

const LISTED: readonly Listed[] = [
  LOG_RIGHTS,
  {
    actions: ['iot:ListThingPrincipals'], pattern: /\*/, stands: /arn:aws:iot:us-east-1:000000000000:thing\/permissions-\d\d-[\w-]+/,
    reason: 'AWS\'s pages contradict each other on whether the action knows the thing as its resource',
  },
  {
    actions: [
      'sagemaker:CreateCompilationJob', 'sagemaker:DescribeCompilationJob', 'sagemaker:StopCompilationJob',
      'sagemaker:DeleteCompilationJob',
      'sagemaker:CreateEdgePackagingJob', 'sagemaker:DescribeEdgePackagingJob', 'sagemaker:StopEdgePackagingJob',
      'sagemaker:AddTags', 'sagemaker:DeleteTags',
    ],
    pattern: /arn:aws:sagemaker:us-east-1:000000000000:(compilation-job|edge-packaging-job)\/permissions-\d\d-jobs-[0-9a-f]{8}-\*/,
    stands: /[0-9a-f]{8}-[0-9a-f]{16}-[1-9]\d?/,
    reason: 'a job\'s name ends with hashes of the stack\'s id and of the inputs, and the attempt: only the handler can make it',
  },
];

describe('with one right less, a deployment or its deletion fails by the name of the action', () => {
  let cloud: TestCloud;
  let evidence: Evidence;
  let outcomes: Outcome[];

  beforeAll(async () => {
    cloud = await TestCloud.start('permissions', { delays: { startingMs: 100, runningMs: 100 } });
    await cloud.deploy(APP); // proves that all rights together suffice, and uploads what the copies need
    evidence = await readEvidence(cloud, STACKS);
    await cloud.destroy(APP);
    outcomes = await takeAway(cloud, SUBJECTS, evidence);
  });
  afterAll(async () => {
    await cloud.stop();
  });

  test('for every right that a handler holds', () => {
    expect(silent(outcomes)).toEqual([]);
  });

  test('and no right is wider than what was asked for, but for those that are listed with their reason', () => {
    expect(evidence.unknownCalls()).toEqual([]);
    expect(needlessWidth(evidence.rights(), LISTED)).toEqual([]);
  });

  test('and a role may be passed to the service that the right names, and to no other', async () => {
    const reasons = await change(cloud, 'permissions-00-jobs', evidence, (template) => {
      const text = JSON.stringify(template).replaceAll(
        '"iam:PassedToService":"sagemaker.amazonaws.com"',
        '"iam:PassedToService":"ec2.amazonaws.com"',
      );
      return JSON.parse(text) as Template;
    });
    expect(reasons).toContain(
      'is not authorized to perform: iam:PassRole on resource: arn:aws:iam::000000000000:role/permissions-99-jobs-CompileRole',
    );
  });

  test('and all that was sent is in the services\' published models', () => {
    expect(cloud.requests().some(({ service }) => service === 'SageMaker')).toBe(true);
    expect(strangeRequests(cloud)).toEqual([]);
  });

  test('and the rights are those of both handlers', () => {
    expect(new Set(outcomes.map(({ rule }) => rule.action.split(':')[0]))).toEqual(
      new Set(['sagemaker', 'iam', 'cloudformation', 'iot', 'lambda', 'secretsmanager']),
    );
  });
});

/**
 * Both tries of the first start: it is put off, and made when CloudFormation still waits for it. In a stack that has
 * the right to ask, and in one that has not.
 */
async function throttle(cloud: TestCloud): Promise<void> {
  await cloud.fault({ operation: 'CreateCompilationJob', kind: 'throttle', times: 2 });
}

/**
 * As if the stack were deleted while its job runs: forgets all jobs, and starts those of the newest stack again, the
 * one asked for without an end.
 */
async function runAgain(cloud: TestCloud, operation: 'CreateCompilationJob' | 'CreateEdgePackagingJob'): Promise<void> {
  const { sageMaker } = cloud.cloud.clients;
  const compilation = newest(cloud, 'CreateCompilationJob') as CreateCompilationJobCommandInput;
  const packaging = newest(cloud, 'CreateEdgePackagingJob') as CreateEdgePackagingJobCommandInput;
  await cloud.resetStandIn();
  const endless = operation === 'CreateCompilationJob' ? compilation.CompilationJobName : packaging.EdgePackagingJobName;
  await cloud.fault({ jobNameContains: endless, become: 'NEVER_ENDING' });
  await sageMaker.send(new CreateCompilationJobCommand(compilation));
  if (operation === 'CreateCompilationJob') {
    return;
  }
  while ((await describeCompilation(cloud, compilation.CompilationJobName ?? '')).CompilationJobStatus !== 'COMPLETED') {
    await pause(100);
  }
  await sageMaker.send(new CreateEdgePackagingJobCommand(packaging));
}

/** Takes the tags of the jobs away. */
async function untag(cloud: TestCloud, { stackName, template }: Copy): Promise<void> {
  const withoutTags: unknown = JSON.parse(template, (key, value: unknown) => key === 'Tags' ? undefined : value);
  await update(cloud, { stackName, template: JSON.stringify(withoutTags) });
}

function newest(cloud: TestCloud, operation: string): unknown {
  const request = cloud.requests().findLast((entry) => entry.operation === operation && entry.status === 200);
  if (!request) {
    throw new Error(`nobody called ${operation}`);
  }
  return request.input;
}
