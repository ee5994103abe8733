import { createHash } from 'node:crypto';
import type { Task } from '@aws-sdk/client-ecs';
import type { ControllerSettings } from '../../../../lib/endpoint/private/load-test/contract';
import { Controller, type Answer } from '../../../../lambda/endpoint/load-test/controller';
import type { Next } from '../../../../lambda/endpoint/load-test/context';
import type { Dependencies, StoredText } from '../../../../lambda/endpoint/load-test/dependencies';
import type { Verdict } from '../../../../lambda/endpoint/load-test/ending';
import type { Measured } from '../../../../lambda/endpoint/load-test/master-state';
import type { Control } from '../../../../lambda/endpoint/load-test/state';
import type { LoadTestFinished } from '../../../../lambda/endpoint/report/report';
import type { ClientFigures, Run, Step } from '../../../../lambda/endpoint/report/run';

export const EXECUTION = 'arn:aws:states:eu-west-1:111122223333:execution:LoadTest:run-1';

export const SETTINGS: ControllerSettings = {
  endpointName: 'demo', region: 'eu-west-1', resultsBucket: 'results', contentType: 'application/json', payloads: 's3://input/payloads/',
  cluster: 'cluster', masterTaskDefinition: 'master:1', workerTaskDefinition: 'worker:1', masterSecurityGroup: 'sg-master', workerSecurityGroup: 'sg-worker',
  subnets: ['subnet-1', 'subnet-2'], assignPublicIp: true, users: [1, 2, 4], settleSeconds: 30, holdSeconds: 120, errorPercent: 1, workers: 1,
  maxWorkers: 4, metricPeriodSeconds: 60, metricDelaySeconds: 300, startSeconds: 300,
};

/** An error of a service, as the SDK throws it. */
export function serviceError(name: string, message: string, status = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: status } });
}

/** A bucket with S3's conditional writes. */
export class Bucket {
  public readonly objects = new Map<string, string>([['input/payloads/one.json', '{}']]);

  public text(key: string): string {
    return this.objects.get(key) ?? '';
  }

  public calls(): Dependencies['objects'] {
    return {
      getText: ({ Bucket: bucket = '', Key: key = '' }): Promise<StoredText> => {
        const text = this.objects.get(`${bucket}/${key}`);
        return text === undefined ? Promise.reject(serviceError('NoSuchKey', 'none', 404)) : Promise.resolve({ text, etag: etag(text) });
      },
      putObject: ({ Bucket: bucket = '', Key: key = '', Body: body, IfNoneMatch: none, IfMatch: match }) => {
        const old = this.objects.get(`${bucket}/${key}`);
        if ((none === '*' && old !== undefined) || (match !== undefined && (old === undefined || etag(old) !== match))) {
          return Promise.reject(serviceError('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', 412));
        }
        this.objects.set(`${bucket}/${key}`, typeof body === 'string' ? body : '');
        return Promise.resolve({});
      },
      deleteObject: ({ Bucket: bucket = '', Key: key = '' }) => Promise.resolve(this.objects.delete(`${bucket}/${key}`)),
      listObjects: ({ Bucket: bucket = '', Prefix: prefix = '' }) => Promise.resolve({
        Contents: [...this.objects].filter(([key]) => key.startsWith(`${bucket}/${prefix}`)).map(([key, text]) => ({
          Key: key.slice(bucket.length + 1), Size: text.length,
        })),
      }),
    };
  }
}

function etag(text: string): string {
  return `"${createHash('md5').update(text).digest('hex')}"`;
}

/** ECS: tasks run at once, unless told otherwise. */
export class Cluster {
  public readonly tasks: Task[] = [];
  public readonly requests: Parameters<Dependencies['tasks']['runTask']>[0][] = [];
  public failures: { arn?: string; reason: string }[] = [];
  public refusal: Error | undefined;
  public status = 'RUNNING';

  public calls(): Dependencies['tasks'] {
    return {
      runTask: (input) => {
        this.requests.push(input);
        if (this.refusal !== undefined) {
          return Promise.reject(this.refusal);
        }
        if (this.failures.length > 0) {
          return Promise.resolve({ tasks: [], failures: this.failures });
        }
        const tasks = Array.from({ length: input.count ?? 1 }, () => this.add(input.taskDefinition ?? ''));
        return Promise.resolve({ tasks, failures: [] });
      },
      describeTasks: ({ tasks = [] }) => Promise.resolve({ tasks: this.tasks.filter(({ taskArn = '' }) => tasks.includes(taskArn)) }),
      listTasks: () => Promise.resolve({ taskArns: this.running().map(({ taskArn = '' }) => taskArn) }),
      stopTask: ({ task, reason }) => {
        this.end(task ?? '', reason ?? '');
        return Promise.resolve({});
      },
    };
  }

  public running(): Task[] {
    return this.tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  }

  public end(arn: string, reason: string, exitCode?: number): void {
    const index = this.tasks.findIndex(({ taskArn }) => taskArn === arn);
    this.tasks[index] = { ...this.tasks[index], lastStatus: 'STOPPED', stoppedReason: reason, containers: [{ exitCode }] };
  }

  public named(taskDefinition: string): string[] {
    return this.tasks.filter(({ taskDefinitionArn }) => taskDefinitionArn === taskDefinition).map(({ taskArn = '' }) => taskArn);
  }

  private add(taskDefinition: string): Task {
    const task: Task = {
      taskArn: `task-${this.tasks.length + 1}`, taskDefinitionArn: taskDefinition, lastStatus: this.status,
      attachments: [{ details: [{ name: 'privateIPv4Address', value: '10.0.0.7' }] }],
    };
    this.tasks.push(task);
    return task;
  }
}

/** What the master would write of a step. */
export function clientFigures(changes: Partial<ClientFigures> = {}): ClientFigures {
  return {
    requests: 1000, failures: 0, tps: 10, p50Ms: 20, p90Ms: 30, p99Ms: 40, errors: [], workerCpuPercent: 20, workerLagMs: 1, ...changes,
  };
}

/** What the report of these tests says to the event bus. */
export function finished({ runId, status }: Pick<Run, 'runId' | 'status'>): LoadTestFinished {
  return {
    version: 1, runId, endpointName: 'demo', variantName: 'AllTraffic', status, passed: true, outcome: 'met', verdict: 'instance-full',
    summary: 'full', reportUri: 's3://results/report.html',
  };
}

type Endpoint = Awaited<ReturnType<Dependencies['endpoint']['describeEndpoint']>>;
type StepMaker = (control: Control) => Partial<Measured>;

/** All that a run meets, on a clock of its own. */
export class World {
  public readonly bucket = new Bucket();
  public readonly cluster = new Cluster();
  public readonly events: { DetailType?: string; Source?: string; Detail?: string }[] = [];
  public now = Date.parse('2026-11-27T10:00:00Z');
  public endpoint: Endpoint | Error = {
    EndpointName: 'demo', EndpointStatus: 'InService', EndpointConfigName: 'config',
    ProductionVariants: [{ VariantName: 'AllTraffic', CurrentInstanceCount: 1 }],
  };

  public variantConfig: object = { VariantName: 'AllTraffic', ModelName: 'm', InstanceType: 'ml.m5.xlarge' };
  public readonly metricQueries: Parameters<Dependencies['metrics']['getMetricData']>[0][] = [];
  /** How late CloudWatch is. */
  public metricLagMs = 60_000;
  public readonly executions = new Map<string, string>();
  /** Makes the master's answer to a step. */
  public step: StepMaker = () => ({});
  public whileHeld: () => void = () => undefined;
  /** Before and after each action. */
  public before: (action: string) => void = () => undefined;
  public after: (action: string) => void = () => undefined;
  public masterIsThere = true;
  private held = 0;

  public constructor(public settings: ControllerSettings = SETTINGS) {}

  public dependencies(): Dependencies {
    return {
      objects: this.bucket.calls(),
      tasks: this.cluster.calls(),
      endpoint: {
        describeEndpoint: () => this.endpoint instanceof Error ? Promise.reject(this.endpoint) : Promise.resolve(this.endpoint),
        describeEndpointConfig: () => Promise.resolve({ ProductionVariants: [this.variantConfig as never] }),
      },
      metrics: {
        getMetricData: (input) => {
          this.metricQueries.push(input);
          return Promise.resolve({ MetricDataResults: this.metricResults(input) });
        },
      },
      executions: {
        describeExecution: ({ executionArn = '' }) => {
          const status = this.executions.get(executionArn);
          return status === undefined
            ? Promise.reject(serviceError('ExecutionDoesNotExist', executionArn))
            : Promise.resolve({ status: status as 'RUNNING' });
        },
      },
      events: {
        putEvents: ({ Entries = [] }) => {
          this.events.push(...Entries);
          return Promise.resolve({ FailedEntryCount: 0 });
        },
      },
      writeReport: (run) => ({
        json: JSON.stringify(run), html: '<html>', passed: run.status === 'SUCCEEDED', summary: run.reason ?? '', event: finished(run),
      }),
      now: () => this.now,
    };
  }

  public async act(action: string, more: object = {}): Promise<Answer> {
    return this.handle({ action, runId: 'run-1', executionArn: EXECUTION, ...more });
  }

  /** What the controller's function answers to an event. */
  public async handle(event: Readonly<Record<string, unknown>> & { readonly action: string }): Promise<Answer> {
    this.before(event.action);
    const answer = await new Controller(this.settings, this.dependencies()).handle(event);
    this.after(event.action);
    return answer;
  }

  public wait(seconds: number): void {
    this.now += seconds * 1000;
    this.playMaster();
  }

  /** What the state machine does: the actions one after another, and after an error stop and report. */
  public async execute(input?: unknown): Promise<Verdict> {
    let failure: { Error: string; Cause: string } | undefined;
    try {
      let next = await this.act('start', { input }) as Next;
      for (let turn = 0; next.next !== 'stop'; turn += 1) {
        if (turn > 500) {
          throw new Error(`the run does not end: ${JSON.stringify(next)}`);
        }
        this.wait(next.waitSeconds);
        next = await this.act(next.next) as Next;
      }
    } catch (error) {
      const { name, message } = error as Error;
      failure = { Error: name, Cause: JSON.stringify({ errorType: name, errorMessage: message, trace: [] }) };
    }
    await this.act('stop');
    return await this.act('report', { state: { failure } }) as Verdict;
  }

  public changeEndpoint(changes: Partial<Endpoint>): void {
    if (!(this.endpoint instanceof Error)) {
      this.endpoint = { ...this.endpoint, ...changes };
    }
  }

  public run(): Run {
    return JSON.parse(this.bucket.text('results/runs/run-1/run.json')) as Run;
  }

  public steps(): Step[] {
    const keys = [...this.bucket.objects.keys()].filter((key) => key.startsWith('results/runs/run-1/steps/')).sort();
    return keys.map((key) => JSON.parse(this.bucket.text(key)) as Step);
  }

  public control(): Control {
    return JSON.parse(this.bucket.text('results/runs/run-1/control.json')) as Control;
  }

  public writeMaster(state: object): void {
    this.bucket.objects.set('results/runs/run-1/master.json', JSON.stringify({
      state: 'READY', step: 0, workers: this.joined(), progress: { requests: 0, failures: 0, errors: [] }, measured: null, ...state,
    }));
  }

  /** The workers that reached the master. */
  public joined(): object[] {
    return this.cluster.named('worker:1').filter((arn) => this.cluster.running().some(({ taskArn }) => taskArn === arn)).map((id) => ({
      id, cpuPercent: 20, lagMs: 1,
    }));
  }

  /** The master's part in a turn: it needs one turn to hold, and then has its figures. */
  private playMaster(): void {
    if (!this.masterIsThere) {
      return;
    }
    const control = this.control();
    if (control.step === 0) {
      this.writeMaster({});
    } else if (this.held < control.step) {
      this.held = control.step;
      this.writeMaster({ state: 'HOLDING', step: control.step });
      this.whileHeld();
    } else {
      const to = this.now;
      const measured = {
        step: control.step, users: control.users, workers: control.workers, from: new Date(to - control.holdSeconds * 1000).toISOString(),
        to: new Date(to).toISOString(), lostWorkers: 0, client: clientFigures({ tps: 10 * control.users }), failedPayloads: [],
        ...this.step(control),
      };
      const old = (JSON.parse(this.bucket.text('results/runs/run-1/master.json')) as { measured: { step: number } | null }).measured;
      this.writeMaster({ state: 'MEASURED', step: control.step, measured: old?.step === control.step ? old : measured });
    }
  }

  private metricResults({ MetricDataQueries: queries = [], StartTime: start, EndTime: end }: Parameters<Dependencies['metrics']['getMetricData']>[0]) {
    const period = this.settings.metricPeriodSeconds * 1000;
    const times: Date[] = [];
    for (let time = start?.getTime() ?? 0; time < (end?.getTime() ?? 0) && time + period + this.metricLagMs <= this.now; time += period) {
      times.push(new Date(time));
    }
    const values: Record<string, number> = {
      invocations: 600, cpu: 120, memory: 30, model50: 12_000, model90: 20_000, model99: 30_000, overhead50: 2_000,
    };
    return queries.map(({ Id: id = '' }) => ({ Id: id, Timestamps: times, Values: times.map(() => values[id] ?? 0) }));
  }
}
