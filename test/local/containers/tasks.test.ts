import {
  DescribeTasksCommand, ECSClient, ListTasksCommand, RunTaskCommand, StopTaskCommand, type RunTaskCommandInput, type Task,
} from '@aws-sdk/client-ecs';
import type { ContainerDefinition, TaskDefinition } from '../../../local/containers/contracts';
import { ImageStore } from '../../../local/containers/images';
import { startContainers, type RunningContainers } from '../../../local/containers/server';
import { CONTROL, FakeAuthority, FakeStorage, HANDLER_KEY, REGION, ROLE, SECRET } from '../sagemaker/fakes';
import { containing, until } from '../sagemaker/requests';
import { temporaryFolder } from '../temporary-folder';

/** A fake of what the emulator's IAM decides, with what ECS asks besides. */
class TaskAuthority extends FakeAuthority {
  public readonly sessions = new Map<string, object>();

  public async mayInCluster(...[caller, action, resource]: Parameters<FakeAuthority['authorize']>): Promise<boolean> {
    return this.authorize(caller, action, resource);
  }

  public register(accessKeyId: string, session: object): void {
    this.sessions.set(accessKeyId, session);
  }
}

/** Images that are there without having been built: programs of this machine's `sh`. */
class FakeImages extends ImageStore {
  public constructor(private readonly root: string) {
    super({ folder: root, shared: root, python: 'python3' });
  }

  public override get(uri: string): { readonly folder: string; readonly venv: string } | undefined {
    return uri === 'image:built' ? { folder: this.root, venv: this.root } : undefined;
  }
}

const authority = new TaskAuthority();
const folder = temporaryFolder();
const lines: { readonly group: string; readonly stream: string; readonly line: string }[] = [];
/** Roles whose sessions somebody has. */
const held: string[] = [];
const definitions = new Map<string, TaskDefinition>();
let containers: RunningContainers;
let ecs: ECSClient;

beforeAll(async () => {
  containers = await startContainers({
    authority, storage: new FakeStorage(), images: new FakeImages(folder.root), log: { append: () => undefined }, controlToken: 'token-of-the-test',
    emulator: { forward: () => Promise.resolve({ status: 200, headers: {}, body: Buffer.from('{"of":"the emulator"}') }) },
    sessions: {
      assume: (roleArn) => Promise.resolve({
        effectiveRoleArn: roleArn, expiration: new Date(Date.now() + 3600_000),
        credentials: { accessKeyId: 'ASIATASK', secretAccessKey: 'secret', sessionToken: 'token' },
      }),
      hold: (roleArn) => {
        held.push(roleArn);
      },
      release: (roleArn) => {
        held.splice(held.indexOf(roleArn), 1);
        return Promise.resolve();
      },
    },
    definitions: { find: (name) => Promise.resolve(definitions.get(name)) },
    books: { project: () => Promise.resolve(undefined), push: () => Promise.resolve() },
    logs: {
      write: (group, stream, added) => {
        lines.push(...added.map((line) => ({ group, stream, line })));
        return Promise.resolve();
      },
    },
    environment: () => ({ PATH: process.env.PATH, OF_THE_CLOUD: 'yes' }),
  });
  ecs = new ECSClient({
    region: REGION, endpoint: containers.ecs.url, maxAttempts: 1, credentials: { accessKeyId: HANDLER_KEY, secretAccessKey: SECRET },
  });
});
afterAll(async () => {
  ecs.destroy();
  await containers.close();
  folder.remove();
});

function define(family: string, command: string, change: Partial<ContainerDefinition> = {}): void {
  definitions.set(family, {
    taskDefinitionArn: `arn:aws:ecs:us-east-1:000000000000:task-definition/${family}:1`, family, taskRoleArn: ROLE,
    containerDefinitions: [{
      name: 'main', image: 'image:built', command: ['sh', '-c', command], environment: [{ name: 'GIVEN', value: 'defined' }],
      logConfiguration: { logDriver: 'awslogs', options: { 'awslogs-group': 'group', 'awslogs-stream-prefix': 'main' } }, ...change,
    }],
  });
}

async function run(taskDefinition: string, change: Partial<RunTaskCommandInput> = {}): Promise<Task> {
  const { tasks: [task] = [] } = await ecs.send(new RunTaskCommand({ cluster: 'load', taskDefinition, launchType: 'FARGATE', ...change }));
  return task ?? {};
}

const described = async ({ taskArn = '' }: Task): Promise<Task> => (
  (await ecs.send(new DescribeTasksCommand({ cluster: 'load', tasks: [taskArn] }))).tasks?.[0] ?? {}
);
const reached = async (task: Task, status: string): Promise<Task> => until(
  async () => described(task), ({ lastStatus }) => lastStatus === status,
);
const written = async (text: string) => until(
  () => Promise.resolve(lines.filter(({ line }) => line.includes(text))), (found) => found.length > 0,
);

test('a task runs its command with the environment of its definition and of its override, and its lines go to its log', async () => {
  define('speaks', 'echo "speaks $GIVEN $ADDED $OF_THE_CLOUD"; exit 3');
  const environment = [{ name: 'ADDED', value: 'overridden' }];
  const task = await run('speaks', { overrides: { containerOverrides: [{ name: 'main', environment }] } });
  expect(task).toMatchObject({ lastStatus: 'PROVISIONING', desiredStatus: 'RUNNING', launchType: 'FARGATE' });
  expect(await reached(task, 'STOPPED')).toMatchObject({
    stopCode: 'EssentialContainerExited', stoppedReason: 'Essential container in task exited', containers: [{ name: 'main', exitCode: 3 }],
  });
  const [line] = await written('speaks ');
  expect(line).toMatchObject({ group: 'group', line: 'speaks defined overridden yes', stream: containing('main/main/') });
});

test('a running task has an address of loopback for itself, and the credentials of its role by a token of its own', async () => {
  define('asks', 'echo "asks $AWS_CONTAINER_CREDENTIALS_FULL_URI $AWS_CONTAINER_AUTHORIZATION_TOKEN"; sleep 60');
  const [first, second] = [await run('asks'), await run('asks')];
  const [one, other] = [await reached(first, 'RUNNING'), await reached(second, 'RUNNING')];
  const addresses = [one, other].map(({ containers: [container] = [] }) => container?.networkInterfaces?.[0]?.privateIpv4Address);
  expect(addresses).toEqual([expect.stringMatching(/^127\.0\.0\.\d+$/), expect.stringMatching(/^127\.0\.0\.\d+$/)]);
  expect(new Set(addresses).size).toBe(2);
  const [asked] = await written('asks http');
  const [, uri = '', token = ''] = asked?.line.split(' ') ?? [];
  const answer = await fetch(uri, { headers: { authorization: token } });
  expect(await answer.json()).toMatchObject({ AccessKeyId: 'ASIATASK', SecretAccessKey: 'secret', Token: 'token', RoleArn: ROLE });
  expect((await fetch(uri, { headers: { authorization: 'other' } })).status).toBe(401);
  expect(authority.sessions.get('ASIATASK')).toMatchObject({ caller: { roleArn: ROLE } });
  for (const task of [first, second]) {
    await ecs.send(new StopTaskCommand({ cluster: 'load', task: task.taskArn, reason: 'enough' }));
  }
  expect(await reached(first, 'STOPPED')).toMatchObject({ stopCode: 'UserInitiated', stoppedReason: 'enough', containers: [{ exitCode: 143 }] });
  await reached(second, 'STOPPED');
  expect((await fetch(uri, { headers: { authorization: token } })).status).toBe(401);
});

test('the role of a task is held for as long as the task runs: its session has the rights of a copy that would go otherwise', async () => {
  define('holds', 'sleep 60');
  const task = await run('holds');
  await reached(task, 'RUNNING');
  expect(held).toEqual([ROLE]);
  await ecs.send(new StopTaskCommand({ cluster: 'load', task: task.taskArn }));
  expect(await until(() => Promise.resolve(held), ({ length }) => length === 0)).toEqual([]);
});

test('running tasks are listed, by who has started them', async () => {
  define('listed', 'sleep 60');
  const task = await run('listed', { startedBy: 'run-1' });
  await reached(task, 'RUNNING');
  const listed = async (startedBy: string) => (await ecs.send(new ListTasksCommand({ cluster: 'load', startedBy }))).taskArns;
  expect([await listed('run-1'), await listed('run-2')]).toEqual([[task.taskArn], []]);
  await ecs.send(new StopTaskCommand({ cluster: 'load', task: task.taskArn }));
  await reached(task, 'STOPPED');
  expect(await listed('run-1')).toEqual([]);
});

test('an image that nobody has built cannot be pulled', async () => {
  define('absent', 'true', { image: 'image:absent' });
  expect(await reached(await run('absent'), 'STOPPED')).toMatchObject({
    stopCode: 'TaskFailedToStart', stoppedReason: containing('CannotPullContainerError: '),
  });
});

test('a fault keeps tasks from starting, and RunTask gives its reason', async () => {
  define('crowded', 'true');
  await fetch(`${containers.ecs.url}/_stand-in/faults`, {
    method: 'POST', headers: CONTROL, body: JSON.stringify({ familyContains: 'crowded', reason: 'RESOURCE:ENI' }),
  });
  const { tasks, failures } = await ecs.send(new RunTaskCommand({ cluster: 'load', taskDefinition: 'crowded', count: 2 }));
  expect([tasks?.length, failures]).toEqual([1, [expect.objectContaining({ reason: 'RESOURCE:ENI' })]]);
});

test.each(['ecs:RunTask', 'iam:PassRole'])('a caller without %s starts nothing', async (right) => {
  define('forbidden', 'true');
  authority.allowed = (action) => action !== right;
  await expect(run('forbidden')).rejects.toMatchObject({ name: 'AccessDeniedException', message: containing(right) });
  authority.allowed = () => true;
});

test('a task that does not exist is missing', async () => {
  const { failures } = await ecs.send(new DescribeTasksCommand({ cluster: 'load', tasks: ['none'] }));
  expect(failures).toMatchObject([{ reason: 'MISSING' }]);
});
