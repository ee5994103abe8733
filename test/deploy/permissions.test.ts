import * as fs from 'node:fs';
import * as path from 'node:path';
import {
  type CloudFormationClient, CreateStackCommand, DeleteStackCommand, DescribeStackEventsCommand, DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import {
  CreateCompilationJobCommand, type CreateCompilationJobCommandInput, CreateEdgePackagingJobCommand, type CreateEdgePackagingJobCommandInput,
} from '@aws-sdk/client-sagemaker';
import { setTimeout as pause } from 'node:timers/promises';
import { TestCloud } from './harness';
import { describeCompilation } from './model-states';
import { handlerRules, type Rule, type Template, withoutRule } from './template-rules';

const APP = { app: 'test/deploy/fixtures/permissions-app.ts' };
const AT_ONCE = 3;

/** Rights that neither a deployment nor a deletion needs: what does, and where that is tested. */
const NOT_IN_A_DEPLOYMENT: Record<string, string> = {
  'logs:CreateLogStream': 'the Lambda service writes the log, not the handler, and goes on without',
  'logs:PutLogEvents': 'the Lambda service writes the log, not the handler, and goes on without',
};

/** Rights for what a plain life of a stack does not meet: what has to happen, and when. */
const SCENARIOS: Record<string, { readonly before?: Happening; readonly between?: Happening }> = {
  'sagemaker:StopCompilationJob': { between: async (cloud) => { await runAgain(cloud, 'CreateCompilationJob'); } },
  'sagemaker:StopEdgePackagingJob': { between: async (cloud) => { await runAgain(cloud, 'CreateEdgePackagingJob'); } },
  'cloudformation:DescribeStackResource': { before: async (cloud) => cloud.fault({ operation: 'CreateCompilationJob', kind: 'throttle', forMs: 10_000 }) },
};

type Happening = (cloud: TestCloud) => Promise<void>;

interface Outcome { readonly rule: Rule; readonly reasons: string }

describe('with one right less, a deployment or its deletion fails by the name of the action', () => {
  let cloud: TestCloud;
  let outcomes: Outcome[];

  beforeAll(async () => {
    cloud = await TestCloud.start('permissions', { delays: { startingMs: 100, runningMs: 100 } });
    await cloud.deploy(APP); // proves that all rights together suffice, and uploads what the copies need
    await cloud.destroy(APP);
    const runs = ['permissions-00-jobs', 'permissions-00-identity'].flatMap((stack) => {
      const template = readTemplate(cloud, stack);
      return handlerRules(template).filter(({ action }) => !(action in NOT_IN_A_DEPLOYMENT)).map((rule) => ({ stack, template, rule }));
    });
    const tasks = runs.map(({ stack, template, rule }, index) => ({
      scenario: SCENARIOS[rule.action],
      run: async (turn = 0): Promise<Outcome> => {
        const number = String(index + 1 + 50 * turn).padStart(2, '0');
        const body = JSON.stringify(withoutRule(template, rule)).replaceAll('permissions-00', `permissions-${number}`);
        return { rule, reasons: await live(cloud, stack.replace('permissions-00', `permissions-${number}`), body, SCENARIOS[rule.action]) };
      },
    }));
    outcomes = await inParallel(tasks.filter(({ scenario }) => !scenario).map(({ run }) => async () => {
      const outcome = await run();
      return outcome.reasons.includes(outcome.rule.action) ? outcome : run(1); // the emulator sometimes stumbles over stacks at a time; a needless right stays silent
    }));
    for (const { run } of tasks.filter(({ scenario }) => scenario)) { outcomes.push(await run()); } // a fault meets every stack
  });
  afterAll(async () => { await cloud.stop(); });

  test('for every right that a handler holds', () => {
    const silent = outcomes.filter(({ rule, reasons }) => !reasons.includes(rule.action));
    expect(silent.map(({ rule, reasons }) => ({ action: rule.action, policy: rule.policy, reasons }))).toEqual([]);
  });

  test('and the rights are those of both handlers', () => {
    expect(new Set(outcomes.map(({ rule }) => rule.action.split(':')[0]))).toEqual(new Set(['sagemaker', 'iam', 'cloudformation', 'iot', 'secretsmanager']));
  });
});

function readTemplate({ cloud: { folder } }: TestCloud, stack: string): Template {
  return JSON.parse(fs.readFileSync(path.join(`${folder.cdkOut}-deploy`, `${stack}.template.json`), 'utf8')) as Template;
}

/** Creates a stack, deletes it, and gives the reasons of all that failed on the way. */
async function live(cloud: TestCloud, StackName: string, TemplateBody: string, { before, between }: (typeof SCENARIOS)[string] = {}): Promise<string> {
  const { cloudFormation } = cloud.cloud.clients;
  await before?.(cloud);
  await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'] }));
  const created = await settle(cloudFormation, StackName);
  if (created === 'CREATE_COMPLETE') {
    await between?.(cloud);
    await cloudFormation.send(new DeleteStackCommand({ StackName }));
    await settle(cloudFormation, StackName);
  }
  const { StackEvents = [] } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName }));
  return StackEvents.filter(({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED')).map(({ ResourceStatusReason }) => ResourceStatusReason).join('\n');
}

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

async function settle(cloudFormation: CloudFormationClient, StackName: string): Promise<string> {
  for (;;) {
    const status = await readStatus(cloudFormation, StackName);
    if (!status.endsWith('_IN_PROGRESS')) { return status; }
    await pause(300);
  }
}

async function readStatus(cloudFormation: CloudFormationClient, StackName: string): Promise<string> {
  try {
    const { Stacks: [stack] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    return stack?.StackStatus ?? 'DELETE_COMPLETE';
  } catch (error) {
    if (error instanceof Error && error.message.includes('does not exist')) { return 'DELETE_COMPLETE'; }
    throw error;
  }
}

async function inParallel<T>(tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  const rest = [...tasks.entries()];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (let next = rest.shift(); next; next = rest.shift()) { results[next[0]] = await next[1](); }
  }));
  return results;
}
