import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  type CloudFormationClient, CreateStackCommand, DeleteStackCommand, DescribeStackEventsCommand, DescribeStacksCommand, UpdateStackCommand,
} from '@aws-sdk/client-cloudformation';
import type { Listed } from '../rights/width';
import { Evidence, type EvidenceScope } from './evidence';
import type { TestCloud } from './harness';
import { handlerRoles, roleRules, type Rule, type Template, withoutRule } from './template-rules';

const CAPABILITIES: ('CAPABILITY_IAM' | 'CAPABILITY_NAMED_IAM')[] = ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'];

/** A stack whose name begins with `permissions-00`, as everything in it that must be unique does. */
export interface Subject {
  readonly stack: string;
  /** Rights for what a plain life of a stack does not meet, by their actions: what has to happen, and when. */
  readonly scenarios?: Readonly<Record<string, Scenario>>;
  /** Rights that neither a deployment nor a deletion needs: what does, and where that is tested. */
  readonly exempt?: Readonly<Record<string, string>>;
}

export interface Scenario {
  readonly before?: Happening;
  /** Between creation and deletion. */
  readonly between?: Happening;
  /** It meets every stack, so that no other may be there. */
  readonly alone?: boolean;
}

export type Happening = (cloud: TestCloud, copy: Copy) => Promise<void>;

/** A stack with one right less. `original`: the one that it is a copy of. */
export interface Copy { readonly original: string; readonly stackName: string; readonly template: string }

export interface Outcome { readonly rule: Rule; readonly reasons: string }

const LOGS = ['logs:CreateLogStream', 'logs:PutLogEvents'];

/** Without these nothing fails. */
export const LOG_RIGHTS: Listed = {
  actions: LOGS,
  pattern: new RegExp(String.raw`arn:aws:logs:us-east-1:000000000000:log-group:/aws/cloudformation/permissions-\d\d-\w+/cdksagemakeredge\w+Logs[0-9A-F]{8}:\*`),
  reason: 'the Lambda service writes a handler\'s log with the handler\'s role; the handler calls neither',
};

/** What the handlers of these stacks, which are deployed, or other roles of theirs may do; what they do is read when all is over. */
export async function readEvidence(cloud: TestCloud, stacks: readonly string[], scope?: EvidenceScope): Promise<Evidence> {
  const evidence = new Evidence(cloud, scope);
  for (const stack of stacks) {
    await evidence.read(stack, readTemplate(cloud, stack));
  }
  return evidence;
}

/**
 * Takes each right of the handlers of these stacks away, one at a time, and tells what failed then. The stacks must
 * have been deployed once: that uploads their assets. What the copies may do is evidence as well.
 */
export async function takeAway(cloud: TestCloud, subjects: readonly Subject[], evidence: Evidence, atOnce = 3): Promise<Outcome[]> {
  const runs = subjects.flatMap(({ stack, scenarios = {}, exempt = {} }) => {
    const template = readTemplate(cloud, stack);
    const rules = roleRules(template, handlerRoles).filter(({ action }) => !LOGS.includes(action));
    const idle = Object.keys({ ...scenarios, ...exempt }).filter((action) => !rules.some((rule) => rule.action === action));
    if (idle.length > 0) {
      throw new Error(`${stack} grants none of ${idle.join(', ')}`);
    }
    return rules.filter(({ action }) => !(action in exempt)).map((rule) => ({ stack, template, rule, scenario: scenarios[rule.action] }));
  });
  const tasks = runs.map(({ stack, template, rule, scenario }, index) => ({
    alone: scenario?.alone === true,
    run: async (turn = 0): Promise<Outcome> => ({
      rule,
      reasons: await live(cloud, copyOf(stack, withoutRule(template, rule), index + 1 + 50 * turn), evidence, scenario),
    }),
  }));
  const outcomes = await inParallel(atOnce, tasks.filter(({ alone }) => !alone).map(({ run }) => async () => {
    const outcome = await run();
    // the emulator sometimes stumbles over stacks at a time; a needless right stays silent
    return outcome.reasons.includes(outcome.rule.action) ? outcome : run(1);
  }));
  for (const { run } of tasks.filter(({ alone }) => alone)) {
    outcomes.push(await run());
  }
  return outcomes;
}

/** Gives the reasons of all that failed in the life of a copy that is changed otherwise. */
export async function change(cloud: TestCloud, stack: string, evidence: Evidence, how: (template: Template) => Template): Promise<string> {
  return live(cloud, copyOf(stack, how(readTemplate(cloud, stack)), 99), evidence);
}

/** Those that nobody missed. */
export function silent(outcomes: readonly Outcome[]): object[] {
  return outcomes.filter(({ rule, reasons }) => !reasons.includes(rule.action)).map(({ rule, reasons }) => ({
    action: rule.action,
    policy: rule.policy,
    reasons,
  }));
}

/** Updates a stack, and waits for how that ends. */
export async function update({ cloud: { clients: { cloudFormation } } }: TestCloud, {
  stackName: StackName, template: TemplateBody,
}: Omit<Copy, 'original'>): Promise<void> {
  await cloudFormation.send(new UpdateStackCommand({ StackName, TemplateBody, Capabilities: CAPABILITIES }));
  await settle(cloudFormation, StackName);
}

function copyOf(original: string, template: Template, copy: number): Copy {
  const name = `permissions-${String(copy).padStart(2, '0')}`;
  const body = JSON.stringify(template).replaceAll('permissions-00', name).replaceAll('permissions.00', name.replace('-', '.'));
  return { original, stackName: original.replace('permissions-00', name), template: body };
}

function readTemplate({ cloud: { folder } }: TestCloud, stack: string): Template {
  return JSON.parse(fs.readFileSync(path.join(`${folder.cdkOut}-deploy`, `${stack}.template.json`), 'utf8')) as Template;
}

/** Creates a stack, deletes it, and gives the reasons of all that failed on the way. */
async function live(cloud: TestCloud, copy: Copy, evidence: Evidence, { before, between }: Scenario = {}): Promise<string> {
  const { cloudFormation } = cloud.cloud.clients;
  const { stackName: StackName, template: TemplateBody } = copy;
  await before?.(cloud, copy);
  await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody, Capabilities: CAPABILITIES }));
  const created = await settle(cloudFormation, StackName);
  if (created === 'CREATE_COMPLETE') {
    await evidence.read(copy.original, JSON.parse(TemplateBody) as Template, StackName);
    await between?.(cloud, copy);
    await cloudFormation.send(new DeleteStackCommand({ StackName }));
    await settle(cloudFormation, StackName);
  }
  const { StackEvents = [] } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName }));
  return StackEvents.filter(
    ({ ResourceStatus }) => ResourceStatus?.endsWith('_FAILED'),
  ).map(({ ResourceStatusReason }) => ResourceStatusReason).join('\n');
}

async function settle(cloudFormation: CloudFormationClient, StackName: string): Promise<string> {
  for (;;) {
    const status = await readStatus(cloudFormation, StackName);
    if (!status.endsWith('_IN_PROGRESS')) {
      return status;
    }
    await pause(300);
  }
}

async function readStatus(cloudFormation: CloudFormationClient, StackName: string): Promise<string> {
  try {
    const { Stacks: [stack] = [] } = await cloudFormation.send(new DescribeStacksCommand({ StackName }));
    return stack?.StackStatus ?? 'DELETE_COMPLETE';
  } catch (error) {
    if (error instanceof Error && error.message.includes('does not exist')) {
      return 'DELETE_COMPLETE';
    }
    throw error;
  }
}

async function inParallel<T>(atOnce: number, tasks: readonly (() => Promise<T>)[]): Promise<T[]> {
  const results: T[] = [];
  const rest = [...tasks.entries()];
  await Promise.all(Array.from({ length: atOnce }, async () => {
    for (let next = rest.shift(); next; next = rest.shift()) {
      results[next[0]] = await next[1]();
    }
  }));
  return results;
}
