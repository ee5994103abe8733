import type { Build } from '@aws-sdk/client-codebuild';
import type { Dependencies } from '../../../../lambda/endpoint/load-test-resources/dependencies';
import { RESOURCES } from '../../../../lambda/endpoint/load-test-resources/resources';
import type { IsCompleteResult, Started } from '../../../../lambda/shared/events';
import { handle } from '../../../../lambda/shared/handle';
import { serviceError } from '../load-test/fixture';

beforeEach(() => {
  jest.spyOn(console, 'log').mockReturnValue(undefined);
});

/** CodeBuild, Step Functions and ECS of one load test. */
class Services {
  public now = Date.parse('2026-11-27T10:00:00Z');
  public builds: Build[] = [];
  public readonly started: { projectName?: string; idempotencyToken?: string }[] = [];
  public lines: string[] | Error = ['Step 3/8', 'ERROR: hash mismatch'];
  public executions: string[] = [];
  public readonly tasks = new Map<string, string>();
  public gone: Error | undefined;

  public dependencies(): Dependencies {
    return {
      builds: {
        startBuild: (input) => {
          this.started.push(input);
          return Promise.resolve({});
        },
        listBuilds: () => Promise.resolve({ ids: this.builds.map(({ id = '' }) => id) }),
        getBuilds: ({ ids = [] }) => Promise.resolve({ builds: this.builds.filter(({ id = '' }) => ids.includes(id)) }),
        getLogEvents: () => this.lines instanceof Error
          ? Promise.reject(this.lines)
          : Promise.resolve({ events: this.lines.map((message) => ({ message: `${message}\n` })) }),
      },
      runs: {
        listExecutions: () => this.gone === undefined
          ? Promise.resolve({ executions: this.executions.map((executionArn) => ({ executionArn })) as never })
          : Promise.reject(this.gone),
        stopExecution: ({ executionArn }) => {
          this.executions = this.executions.filter((arn) => arn !== executionArn);
          return Promise.resolve({});
        },
        listTasks: ({ desiredStatus: desired }) => this.gone === undefined ? Promise.resolve({
          taskArns: [...this.tasks].filter(([, status]) => (status === 'RUNNING') === (desired === 'RUNNING')).map(([arn]) => arn),
        }) : Promise.reject(serviceError('ClusterNotFoundException', 'gone')),
        describeTasks: ({ tasks = [] }) => Promise.resolve({
          tasks: tasks.map((taskArn) => ({ taskArn, lastStatus: this.tasks.get(taskArn) })),
        }),
        stopTask: ({ task = '' }) => {
          this.tasks.set(task, 'DEPROVISIONING');
          return Promise.resolve({});
        },
      },
      now: () => this.now,
    };
  }

  public build(id: string, buildStatus: Build['buildStatus'], tag = 'abc', more: Partial<Build> = {}): void {
    this.builds.unshift({
      id, buildStatus, startTime: new Date(this.now),
      environment: { environmentVariables: [{ name: 'TAG', value: tag }] } as Build['environment'],
      logs: { groupName: 'group', streamName: 'stream' }, ...more,
    });
  }

  public begin(type: string, properties: object, request = 'Create'): Promise<Started> {
    return handle(RESOURCES, this.dependencies(), event(type, properties, request)) as Promise<Started>;
  }

  public poll(type: string, properties: object, started: Started, request = 'Create'): Promise<IsCompleteResult> {
    return handle(RESOURCES, this.dependencies(), { ...event(type, properties, request), ...started }) as Promise<IsCompleteResult>;
  }
}

function event(type: string, properties: object, request: string): object {
  return {
    RequestType: request, RequestId: 'request-1', StackId: 'stack', ResourceType: type, LogicalResourceId: 'It', ResourceProperties: properties,
    ...(request === 'Create' ? {} : { PhysicalResourceId: 'it' }),
  };
}

const IMAGE = 'Custom::SageMakerEdge-LoadTestImage';
const image = { ProjectName: 'project', RepositoryName: 'repository', ImageTag: 'abc' };
const RUNS = 'Custom::SageMakerEdge-LoadTestRuns';
const runs = { StateMachineArn: 'machine', ClusterArn: 'cluster' };

describe('the image', () => {
  test('is built, waited for, and then known by its tag', async () => {
    const services = new Services();
    const started = await services.begin(IMAGE, image);
    expect(started.PhysicalResourceId).toBe('repository:abc');
    await expect(services.poll(IMAGE, image, started)).resolves.toMatchObject({ IsComplete: false });
    services.build('1', 'IN_PROGRESS');
    await expect(services.poll(IMAGE, image, started)).resolves.toMatchObject({ IsComplete: false });
    services.builds = [];
    services.build('1', 'SUCCEEDED');
    await expect(services.poll(IMAGE, image, started)).resolves.toEqual({ IsComplete: true, Data: { ImageTag: 'abc' } });
    expect(services.started).toHaveLength(1);
  });

  test('is not built twice where the answer to the first start was lost', async () => {
    const services = new Services();
    const started = await services.begin(IMAGE, image);
    await services.poll(IMAGE, image, started);
    await services.poll(IMAGE, image, started);
    expect(new Set(services.started.map(({ idempotencyToken: token }) => token)).size).toBe(1);
  });

  test('of a tag that was built before is not built again, as in a rollback', async () => {
    const services = new Services();
    services.build('1', 'SUCCEEDED');
    services.build('2', 'SUCCEEDED', 'newer');
    const started = await services.begin(IMAGE, image, 'Update');
    await expect(services.poll(IMAGE, image, started, 'Update')).resolves.toMatchObject({ IsComplete: true });
    expect(services.started).toEqual([]);
  });

  test('is built again where only an earlier deployment failed', async () => {
    const services = new Services();
    services.build('1', 'FAILED');
    services.now += 600_000;
    const started = await services.begin(IMAGE, image);
    await services.poll(IMAGE, image, started);
    expect(services.started).toHaveLength(1);
  });

  test('fails with the last lines of the build\'s log', async () => {
    const services = new Services();
    const started = await services.begin(IMAGE, image);
    services.build('project:1', 'FAILED', 'abc', { phases: [
      { phaseType: 'INSTALL', phaseStatus: 'SUCCEEDED' }, { phaseType: 'BUILD', phaseStatus: 'FAILED', contexts: [{ message: 'exit status 1' }] },
    ] });
    await expect(services.poll(IMAGE, image, started)).rejects.toThrow(
      'the build project:1 of the load test\'s image ended with FAILED in BUILD (exit status 1): the log group/stream ends with:\n'
      + 'Step 3/8\nERROR: hash mismatch',
    );
  });

  test('fails with the log\'s name where the log cannot be read', async () => {
    const services = new Services();
    services.lines = serviceError('AccessDeniedException', 'no');
    const started = await services.begin(IMAGE, image);
    services.build('1', 'TIMED_OUT');
    await expect(services.poll(IMAGE, image, started)).rejects.toThrow('see the log group/stream, which could not be read (AccessDeniedException: no)');
  });

  test('fails without a log where there is none', async () => {
    const services = new Services();
    const started = await services.begin(IMAGE, image);
    services.build('1', 'FAULT', 'abc', { logs: {} });
    await expect(services.poll(IMAGE, image, started)).rejects.toThrow('ended with FAULT: it has no log');
  });

  test('needs nothing for its deletion', async () => {
    const services = new Services();
    const started = await services.begin(IMAGE, image, 'Delete');
    await expect(services.poll(IMAGE, image, started, 'Delete')).resolves.toEqual({ IsComplete: true });
  });
});

describe('the end of runs', () => {
  test('is nothing to make', async () => {
    const services = new Services();
    const started = await services.begin(RUNS, runs);
    expect(started.PhysicalResourceId).toBe('machine');
    await expect(services.poll(RUNS, runs, started)).resolves.toEqual({ IsComplete: true });
  });

  test('stops executions and tasks, and waits until tasks have ended', async () => {
    const services = new Services();
    services.executions = ['run-1'];
    services.tasks.set('task-1', 'RUNNING').set('task-0', 'STOPPED');
    const started = await services.begin(RUNS, runs, 'Delete');
    await expect(services.poll(RUNS, runs, started, 'Delete')).resolves.toMatchObject({ IsComplete: false });
    expect(services.executions).toEqual([]);
    expect(services.tasks.get('task-1')).toBe('DEPROVISIONING');
    await expect(services.poll(RUNS, runs, started, 'Delete')).resolves.toMatchObject({ IsComplete: false });
    services.tasks.set('task-1', 'STOPPED');
    await expect(services.poll(RUNS, runs, started, 'Delete')).resolves.toEqual({ IsComplete: true });
  });

  test('is done where cluster and state machine are gone', async () => {
    const services = new Services();
    services.gone = serviceError('StateMachineDoesNotExist', 'gone');
    const started = await services.begin(RUNS, runs, 'Delete');
    await expect(services.poll(RUNS, runs, started, 'Delete')).resolves.toEqual({ IsComplete: true });
  });

  test('fails where the list is refused', async () => {
    const services = new Services();
    const started = await services.begin(RUNS, runs, 'Delete');
    services.gone = serviceError('AccessDeniedException', 'not authorized');
    services.now += 60_000;
    await expect(services.poll(RUNS, runs, started, 'Delete')).rejects.toThrow('not authorized');
  });
});
