import { createHash } from 'node:crypto';
import type { Failure, Task } from '@aws-sdk/client-ecs';
import { CONTAINER_NAME, type ControllerSettings } from '../../../lib/endpoint/private/load-test/contract';
import { describeError } from '../../shared/errors';
import type { TaskCalls } from './dependencies';
import { LoadTestProblem } from './problem';

/** Of RunTask and DescribeTasks. */
const MAX_RUN = 10;
const MAX_DESCRIBE = 100;

type Environment = Readonly<Record<string, string>>;

/** Tasks of one kind that are started together. */
interface Start {
  readonly runId: string;
  readonly role: 'master' | 'worker';
  readonly taskDefinition: string;
  readonly securityGroup: string;
  readonly count: number;
  readonly environment: Environment;
  /** Of the first, among all of the kind. */
  readonly offset: number;
}

/** One task as ECS describes it. */
export interface Described {
  readonly arn: string;
  readonly isRunning: boolean;
  /** Why it is stopped, in ECS's words. Undefined: it is not. */
  readonly stopped?: string;
  readonly host?: string;
}

/** The tasks of one run on the load test's cluster. */
export class Tasks {
  public constructor(private readonly calls: TaskCalls, private readonly settings: ControllerSettings) {}

  public async startMaster(runId: string, environment: Environment): Promise<string> {
    const { masterTaskDefinition, masterSecurityGroup } = this.settings;
    const [master] = await this.run({
      runId, role: 'master', taskDefinition: masterTaskDefinition, securityGroup: masterSecurityGroup, count: 1, environment, offset: 0,
    });
    if (master === undefined) {
      throw new LoadTestProblem('ECS started no task for the master, and gave no reason');
    }
    return master;
  }

  /** @param started how many workers were started before: a start that is repeated is the same start */
  public async startWorkers(runId: string, count: number, environment: Environment, started: number): Promise<string[]> {
    const { workerTaskDefinition, workerSecurityGroup } = this.settings;
    const arns: string[] = [];
    while (arns.length < count) {
      const size = Math.min(MAX_RUN, count - arns.length);
      const offset = started + arns.length;
      arns.push(...await this.run({
        runId, role: 'worker', taskDefinition: workerTaskDefinition, securityGroup: workerSecurityGroup, count: size, environment, offset,
      }));
    }
    return arns;
  }

  public async describe(arns: readonly string[]): Promise<Described[]> {
    const described: Described[] = [];
    for (let from = 0; from < arns.length; from += MAX_DESCRIBE) {
      const part = arns.slice(from, from + MAX_DESCRIBE);
      const { tasks = [] } = await this.calls.describeTasks({ cluster: this.settings.cluster, tasks: part });
      described.push(...tasks.map(describedOf));
    }
    return described;
  }

  /** Stops all that run in the cluster: it has no other tasks, and only one run at a time. Returns how many there were. */
  public async stopAll(reason: string): Promise<number> {
    const { cluster } = this.settings;
    const arns: string[] = [];
    let token: string | undefined;
    do {
      const page = await this.calls.listTasks({ cluster, nextToken: token, desiredStatus: 'RUNNING' });
      arns.push(...page.taskArns ?? []);
      token = page.nextToken;
    } while (token !== undefined);
    for (const task of arns) {
      await this.calls.stopTask({ cluster, task, reason: reason.slice(0, 255) });
    }
    return arns.length;
  }

  private async run({ runId, role, taskDefinition, securityGroup, count, environment, offset }: Start): Promise<string[]> {
    const { cluster, subnets, assignPublicIp } = this.settings;
    let answer;
    try {
      answer = await this.calls.runTask({
        cluster,
        taskDefinition,
        count,
        launchType: 'FARGATE',
        startedBy: hash(runId),
        clientToken: hash(`${runId} ${role} ${offset}`),
        networkConfiguration: {
          awsvpcConfiguration: { subnets: [...subnets], securityGroups: [securityGroup], assignPublicIp: assignPublicIp ? 'ENABLED' : 'DISABLED' },
        },
        overrides: { containerOverrides: [{ name: CONTAINER_NAME, environment: pairs(environment) }] },
      });
    } catch (error) {
      throw new LoadTestProblem(`ECS did not start the ${role} (${describeError(error)})${advice(describeError(error))}`, { cause: error });
    }
    const { tasks = [], failures = [] } = answer;
    if (failures.length > 0) {
      const reasons = [...new Set(failures.map(wordsOf))].join('; ');
      throw new LoadTestProblem(`ECS did not start ${failures.length} of ${count} tasks of the ${role} (${reasons})${advice(reasons)}`);
    }
    return tasks.flatMap(({ taskArn }) => taskArn === undefined ? [] : [taskArn]);
  }
}

/** What to do about the reasons that ECS gives most often. */
export function advice(reason: string): string {
  if (/CannotPullContainerError|pull image|manifest unknown/i.test(reason)) {
    return ': the image could not be pulled. See that it is there, that its architecture is the task\'s, and that the subnets reach ECR';
  }
  if (/RESOURCE:ENI|network interface|insufficient free addresses|InsufficientFreeAddresses|no available IP/i.test(reason)) {
    return ': the subnets have no free address. Give the load test subnets with room for a master and its workers';
  }
  if (/vCPU|limit on the number of|service quota|LimitExceeded|concurrent/i.test(reason)) {
    return ': the account\'s quota of Fargate vCPUs is reached. Ask for more in Service Quotas, or use fewer workers';
  }
  if (/Capacity is unavailable|RESOURCE:(?:CPU|MEMORY)/i.test(reason)) {
    return ': Fargate has no room in these Availability Zones now. Try again later, or give subnets of other zones';
  }
  return '';
}

function pairs(environment: Environment): { name: string; value: string }[] {
  return Object.entries(environment).map(([name, value]) => ({ name, value }));
}

function wordsOf({ reason, detail }: Failure): string {
  return [reason, detail].filter((text) => text !== undefined).join(': ');
}

function describedOf({ taskArn = '', lastStatus, stoppedReason, containers = [], attachments = [] }: Task): Described {
  const [container] = containers;
  const details = attachments.flatMap(({ details: each = [] }) => each);
  const host = details.find(({ name }) => name === 'privateIPv4Address')?.value ?? container?.networkInterfaces?.[0]?.privateIpv4Address;
  const exit = container?.exitCode === undefined ? undefined : `exit code ${container.exitCode}`;
  const words = [stoppedReason, container?.reason, exit].filter((text) => text !== undefined && text !== '').join(', ');
  const isStopped = lastStatus === 'STOPPED' || lastStatus === 'DEPROVISIONING' || lastStatus === 'STOPPING';
  return {
    arn: taskArn, isRunning: lastStatus === 'RUNNING', ...(isStopped ? { stopped: words === '' ? 'no reason given' : words } : {}),
    ...(host === undefined ? {} : { host }),
  };
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 36);
}
