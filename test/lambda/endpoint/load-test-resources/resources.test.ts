import type { Dependencies } from '../../../../lambda/endpoint/load-test-resources/dependencies';
import { RESOURCES } from '../../../../lambda/endpoint/load-test-resources/resources';
import type { IsCompleteResult, Started } from '../../../../lambda/shared/events';
import { handle } from '../../../../lambda/shared/handle';
import { serviceError } from '../load-test/fixture';

beforeEach(() => {
  jest.spyOn(console, 'log').mockReturnValue(undefined);
});

/** Step Functions and ECS of one load test. */
class Services {
  public now = Date.parse('2026-11-27T10:00:00Z');
  public executions: string[] = [];
  public readonly tasks = new Map<string, string>();
  public gone: Error | undefined;

  public dependencies(): Dependencies {
    return {
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

const RUNS = 'Custom::SageMakerEdge-LoadTestRuns';
const runs = { StateMachineArn: 'machine', ClusterArn: 'cluster' };

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
