import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type * as ecs from '@aws-sdk/client-ecs';
import { ProcessGroup } from '../cloud/processes';
import { LogLines } from '../sagemaker/container-job/log-lines';
import type { LogSink } from '../sagemaker/hosting/contracts';
import { ACCOUNT, PARTITION, REGION } from '../service/account';
import type { Caller } from '../service/contracts';
import { deniedText, errorText, ServiceError } from '../service/errors';
import type { InputOf, Operations } from '../service/operation';
import type { ContainerDefinition, TaskAuthority, TaskDefinition, TaskDefinitions } from './contracts';
import type { TaskCredentialServer } from './credentials';
import { TaskFaults } from './faults';
import type { ImageStore } from './images';
import { describedTask, type StopCode, type TaskRecord } from './task';
import { taskVariables, type TaskEnvironment } from './environment';

type RunRequest = InputOf<typeof ecs, 'RunTask'>;

const PRINCIPAL = 'ecs-tasks.amazonaws.com';
const STARTING_MS = 300;
const STOPPING_MS = 200;
/** Of a task that is over, as on AWS, where it is about an hour. */
const KEPT_MS = 3600_000;
const PAGE = 100;

export interface TasksOptions {
  readonly authority: TaskAuthority;
  readonly definitions: TaskDefinitions;
  readonly images: ImageStore;
  readonly credentials: TaskCredentialServer;
  readonly logs: LogSink;
  readonly environment: TaskEnvironment;
}

/** Tasks of ECS: each runs its container's command as a process of this machine. */
export class Tasks {
  public readonly faults = new TaskFaults();
  private readonly tasks = new Map<string, TaskRecord>();
  private readonly running = new Set<Promise<void>>();
  private addresses = 1;

  public constructor(private readonly options: TasksOptions) {}

  public operations(): Operations<typeof ecs> {
    return {
      RunTask: { resources: () => [], run: async (input, caller) => this.run(input, caller) },
      StopTask: {
        resources: () => [],
        run: async ({ cluster, task, reason }, caller) => {
          const found = this.find(clusterName(cluster), task);
          if (!found) {
            throw new ServiceError('InvalidParameterException', 'The referenced task was not found.');
          }
          await this.demand(caller, 'ecs:StopTask', found.arn, found.clusterArn);
          this.stop(found, 'UserInitiated', reason ?? 'Task stopped by user');
          return { task: describedTask(found) };
        },
      },
      DescribeTasks: {
        resources: () => [],
        run: async ({ cluster, tasks }, caller) => {
          const name = clusterName(cluster);
          const wanted = tasks.map((task) => [task, this.find(name, task)] as const);
          for (const [task, found] of wanted) {
            await this.demand(caller, 'ecs:DescribeTasks', found?.arn ?? taskArn(name, task), clusterArn(name));
          }
          return {
            tasks: wanted.flatMap(([, found]) => (found ? [describedTask(found)] : [])),
            failures: wanted.flatMap(([task, found]) => (found ? [] : [{ arn: taskArn(name, task), reason: 'MISSING' }])),
          };
        },
      },
      ListTasks: {
        resources: () => [],
        run: async ({ cluster, desiredStatus = 'RUNNING', startedBy, family, nextToken, maxResults = PAGE }, caller) => {
          const arn = clusterArn(clusterName(cluster));
          await this.demand(caller, 'ecs:ListTasks', '*', arn);
          const arns = [...this.tasks.values()].filter((task) => task.clusterArn === arn && task.desired === desiredStatus
            && (startedBy === undefined || task.startedBy === startedBy) && (family === undefined || task.family === family))
            .map((task) => task.arn);
          const start = Number(nextToken ?? 0);
          const end = start + maxResults;
          return { taskArns: arns.slice(start, end), ...end < arns.length ? { nextToken: String(end) } : {} };
        },
      },
    };
  }

  /** Each as DescribeTasks gives it. */
  public state(): readonly object[] {
    return [...this.tasks.values()].map(describedTask);
  }

  /** Ends all tasks; resolves when no process is left. */
  public async close(): Promise<void> {
    for (const task of this.tasks.values()) {
      this.stop(task, 'UserInitiated', 'the local cloud goes down');
    }
    await Promise.all(this.running);
  }

  private async run(input: RunRequest, caller: Caller): Promise<object> {
    const { taskDefinition, count = 1 } = input;
    const definition = await this.options.definitions.find(taskDefinition);
    if (!definition) {
      throw new ServiceError('ClientException', 'TaskDefinition not found.');
    }
    const cluster = clusterName(input.cluster);
    await this.demand(caller, 'ecs:RunTask', definition.taskDefinitionArn, clusterArn(cluster));
    await this.checkRoles(definition, caller);
    const [container, ...more] = definition.containerDefinitions;
    if (!container || more.length > 0) {
      throw new ServiceError('ClientException', 'The local stand-in runs tasks of one container');
    }
    const tasks: TaskRecord[] = [];
    const failures: object[] = [];
    for (let task = 0; task < count; task += 1) {
      const fault = this.faults.takeStart(definition.family);
      if (fault) {
        failures.push({ arn: clusterArn(cluster), reason: fault.reason, detail: fault.detail });
      } else {
        tasks.push(this.start(input, definition));
      }
    }
    return { tasks: tasks.map(describedTask), failures };
  }

  private start(input: RunRequest, definition: TaskDefinition): TaskRecord {
    const id = randomUUID().replaceAll('-', '');
    const [container] = definition.containerDefinitions;
    this.addresses = this.addresses % 250 + 1;
    const task: TaskRecord = {
      id, arn: taskArn(clusterName(input.cluster), id), clusterArn: clusterArn(clusterName(input.cluster)),
      definitionArn: definition.taskDefinitionArn, family: definition.family, containerName: container?.name ?? '', image: container?.image ?? '',
      address: `127.0.0.${this.addresses + 1}`, subnet: input.networkConfiguration?.awsvpcConfiguration?.subnets[0] ?? '',
      cpu: definition.cpu ?? '256', memory: definition.memory ?? '512', startedBy: input.startedBy,
      group: input.group ?? `family:${definition.family}`, launchType: input.launchType ?? 'FARGATE', overrides: input.overrides ?? {},
      tags: input.tags ?? [], createdAt: Date.now(), status: 'PROVISIONING', desired: 'RUNNING',
    };
    this.tasks.set(id, task);
    const life = this.live(task, definition, input).catch((error: unknown) => {
      over(task, 'TaskFailedToStart', errorText(error));
    }).finally(async () => {
      setTimeout(() => this.tasks.delete(id), KEPT_MS).unref();
      await this.options.credentials.revoke(id).catch((error: unknown) => {
        console.error(`the credentials of task ${id} could not be taken back: ${errorText(error)}`);
      });
      this.running.delete(life);
    });
    this.running.add(life);
    return task;
  }

  /** PROVISIONING → PENDING → RUNNING → DEPROVISIONING → STOPPED. */
  private async live(task: TaskRecord, definition: TaskDefinition, { overrides }: RunRequest): Promise<void> {
    await sleep(STARTING_MS);
    task.status = 'PENDING';
    const [container] = definition.containerDefinitions;
    const built = this.options.images.get(task.image);
    if (!built || !container) {
      over(task, 'TaskFailedToStart', `CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref ${task.image}: ${task.image}: not found`);
      return;
    }
    const override = overrides?.containerOverrides?.find(({ name }) => name === task.containerName);
    const [command = '', ...args] = [...container.entryPoint ?? [], ...override?.command ?? container.command ?? []];
    const lines = logOf(this.options.logs, container, task.id);
    if (task.desired === 'STOPPED') {
      over(task, task.stopCode ?? 'UserInitiated', task.stoppedReason ?? '');
      return;
    }
    const group = await ProcessGroup.start({
      name: `task ${task.id}`, command, args, cwd: built.folder, onLine: (line) => {
        lines.add(line);
      },
      env: {
        ...this.options.environment(built.venv), ...taskVariables(container.environment), ...taskVariables(override?.environment),
        ...definition.taskRoleArn === undefined || definition.taskRoleArn === '' ? {}
          : this.options.credentials.grant(task.id, definition.taskRoleArn),
        LOCAL_TASK_ADDRESS: task.address, LOCUST_MASTER_BIND_HOST: task.address,
      },
    });
    task.stop = async () => group.stop();
    task.status = 'RUNNING';
    task.startedAt = Date.now();
    const { code, signal } = await group.ended;
    await lines.end();
    task.exitCode = code ?? (signal === 'SIGKILL' ? 137 : 143);
    task.status = 'DEPROVISIONING';
    task.desired = 'STOPPED';
    task.stoppingAt ??= Date.now();
    await sleep(STOPPING_MS);
    over(task, task.stopCode ?? 'EssentialContainerExited', task.stoppedReason ?? 'Essential container in task exited');
  }

  private stop(task: TaskRecord, code: StopCode, reason: string): void {
    if (task.desired === 'STOPPED') {
      return;
    }
    task.desired = 'STOPPED';
    task.stopCode = code;
    task.stoppedReason = reason;
    task.stoppingAt = Date.now();
    void task.stop?.();
  }

  private find(cluster: string, task: string): TaskRecord | undefined {
    const found = this.tasks.get(task.slice(task.lastIndexOf('/') + 1));
    return found?.clusterArn === clusterArn(cluster) ? found : undefined;
  }

  private async checkRoles({ taskRoleArn, executionRoleArn }: TaskDefinition, caller: Caller): Promise<void> {
    for (const role of [taskRoleArn, executionRoleArn]) {
      if (role === undefined || role === '') {
        continue;
      }
      if (!caller.isRoot && !await this.options.authority.mayPassRole(caller, role, PRINCIPAL)) {
        throw new ServiceError('AccessDeniedException', deniedText(caller.arn, 'iam:PassRole', role));
      }
      if (!await this.options.authority.trustsService(role, PRINCIPAL)) {
        throw new ServiceError('ClientException', `ECS was unable to assume the role '${role}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions and that your IAM user has permissions to pass this role.`);
      }
    }
  }

  private async demand(caller: Caller, action: string, resource: string, cluster: string): Promise<void> {
    if (!caller.isRoot && !await this.options.authority.mayInCluster(caller, action, resource, cluster)) {
      throw new ServiceError('AccessDeniedException', deniedText(caller.arn, action, resource));
    }
  }
}

function over(task: TaskRecord, code: StopCode, reason: string): void {
  task.status = 'STOPPED';
  task.desired = 'STOPPED';
  task.stopCode = code;
  task.stoppedReason = reason;
  task.stoppedAt = Date.now();
}

/** The log driver `awslogs`. */
function logOf(sink: LogSink, { name, logConfiguration }: ContainerDefinition, taskId: string): LogLines {
  const { logDriver, options = {} } = logConfiguration ?? {};
  const stream = [options['awslogs-stream-prefix'], name, taskId].filter((part) => part !== undefined).join('/');
  return new LogLines(sink, logDriver === 'awslogs' ? options['awslogs-group'] : undefined, stream);
}

function clusterName(cluster = 'default'): string {
  return cluster.slice(cluster.lastIndexOf('/') + 1);
}

function clusterArn(name: string): string {
  return `arn:${PARTITION}:ecs:${REGION}:${ACCOUNT}:cluster/${name}`;
}

function taskArn(cluster: string, task: string): string {
  return task.startsWith('arn:') ? task : `arn:${PARTITION}:ecs:${REGION}:${ACCOUNT}:task/${cluster}/${task}`;
}
