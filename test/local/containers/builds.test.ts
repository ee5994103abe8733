import {
  BatchGetBuildsCommand, CodeBuildClient, ListBuildsForProjectCommand, StartBuildCommand, StopBuildCommand, type Build,
} from '@aws-sdk/client-codebuild';
import type { BuildProject } from '../../../local/containers/builds';
import { ImageStore } from '../../../local/containers/images';
import { startContainers, type RunningContainers } from '../../../local/containers/server';
import { FakeAuthority, FakeStorage, HANDLER_KEY, REGION, ROLE, SECRET } from '../sagemaker/fakes';
import { until } from '../sagemaker/requests';
import { temporaryFolder } from '../temporary-folder';

/** Images that need no time, and fail or never end where their tag says so. */
class FakeImages extends ImageStore {
  public readonly built: string[] = [];

  public override build(uri: string, _archive: Buffer, log: (line: string) => void, signal: AbortSignal): Promise<void> {
    this.built.push(uri);
    log('Step 1/1');
    if (uri.endsWith(':endless')) {
      return new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('aborted'));
        });
      });
    }
    return uri.endsWith(':broken') ? Promise.reject(new Error('hash mismatch')) : Promise.resolve();
  }
}

class BuildAuthority extends FakeAuthority {
  public mayInCluster(): Promise<boolean> {
    return Promise.resolve(false);
  }

  public register(): void {
    throw new Error('no task runs in these tests');
  }
}

const authority = new BuildAuthority();
const folder = temporaryFolder();
const projects = new Map<string, BuildProject>();
const images = new FakeImages({ folder: folder.root, shared: folder.root, python: 'python3' });
let containers: RunningContainers;
let client: CodeBuildClient;

function define(name: string, tag: string): void {
  projects.set(name, {
    name, serviceRole: ROLE, source: { type: 'S3', location: 'assets/load-test.zip' },
    environment: {
      type: 'LINUX_CONTAINER', image: 'aws/codebuild/standard:7.0', computeType: 'BUILD_GENERAL1_SMALL',
      environmentVariables: [{ name: 'REPOSITORY', value: 'registry/repository', type: 'PLAINTEXT' }, { name: 'TAG', value: tag, type: 'PLAINTEXT' }],
    },
  });
}

async function ended(id: string): Promise<Build | undefined> {
  return until(async () => {
    const { builds: [build] = [] } = await client.send(new BatchGetBuildsCommand({ ids: [id] }));
    return build;
  }, (build) => build?.buildStatus !== 'IN_PROGRESS');
}

async function start(projectName: string, idempotencyToken?: string, tag?: string): Promise<string> {
  const { build } = await client.send(new StartBuildCommand({
    projectName, idempotencyToken, ...tag === undefined ? {} : { environmentVariablesOverride: [{ name: 'TAG', value: tag }] },
  }));
  return build?.id ?? '';
}

const list = (projectName: string, more: object = {}) => client.send(new ListBuildsForProjectCommand({ projectName, ...more }));

beforeAll(async () => {
  const storage = new FakeStorage();
  storage.objects.set('s3://assets/load-test.zip', Buffer.from('archive'));
  containers = await startContainers({
    authority, storage, images, log: { append: () => undefined },
    emulator: { forward: () => Promise.resolve({ status: 200, headers: {}, body: Buffer.from('{}') }) },
    sessions: {
      assume: () => Promise.reject(new Error('no task runs in these tests')), hold: () => undefined, release: () => Promise.resolve(),
    },
    definitions: { find: () => Promise.resolve(undefined) },
    books: { project: (name) => Promise.resolve(projects.get(name)), push: () => Promise.resolve() },
    logs: { write: () => Promise.resolve() },
    environment: () => ({}),
  });
  client = new CodeBuildClient({
    region: REGION, endpoint: containers.codeBuild.url, maxAttempts: 1, credentials: { accessKeyId: HANDLER_KEY, secretAccessKey: SECRET },
  });
});
afterAll(async () => {
  client.destroy();
  await containers.close();
  folder.remove();
});

describe('a build', () => {
  test('tells the environment that it runs in', async () => {
    define('environment', 'one');
    const build = await ended(await start('environment'));
    expect(build).toMatchObject({ buildStatus: 'SUCCEEDED', buildNumber: 1, environment: projects.get('environment')?.environment });
    expect(images.built).toContain('registry/repository:one');
  });

  test('takes variables for itself alone', async () => {
    define('override', 'one');
    const build = await ended(await start('override', undefined, 'two'));
    expect(build?.environment?.environmentVariables?.find(({ name }) => name === 'TAG')?.value).toBe('two');
    expect(images.built).toContain('registry/repository:two');
  });

  test('that fails says why', async () => {
    define('broken', 'broken');
    const build = await ended(await start('broken'));
    expect(build).toMatchObject({ buildStatus: 'FAILED', phases: [{ contexts: [{ message: 'hash mismatch' }] }] });
  });

  test('is stopped, and what works on it is told', async () => {
    define('endless', 'endless');
    const id = await start('endless');
    await until(() => Promise.resolve(images.built), (built) => built.includes('registry/repository:endless'));
    const { build } = await client.send(new StopBuildCommand({ id }));
    expect(build).toMatchObject({ id, buildStatus: 'STOPPED', buildComplete: true });
    expect(await ended(id)).toMatchObject({ buildStatus: 'STOPPED', phases: [] });
  });

  test('that is over stays what it is where it is stopped', async () => {
    define('over', 'one');
    const id = await start('over');
    await ended(id);
    expect((await client.send(new StopBuildCommand({ id }))).build).toMatchObject({ buildStatus: 'SUCCEEDED' });
  });

  test('cannot be stopped where there is none', async () => {
    await expect(client.send(new StopBuildCommand({ id: 'nowhere:1' }))).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('fails to start where there is no such project', async () => {
    await expect(start('nowhere')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });
});

describe('a token', () => {
  test('makes the same start the same build', async () => {
    define('token', 'one');
    const [first, second] = await Promise.all([start('token', 'same'), start('token', 'same')]);
    expect(second).toBe(first);
    expect((await list('token')).ids).toEqual([first]);
  });

  test('fails when another start is made with it', async () => {
    define('mismatch', 'one');
    await start('mismatch', 'taken');
    await expect(start('mismatch', 'taken', 'two')).rejects.toMatchObject({ name: 'InvalidInputException' });
  });

  test('is free again where the start failed', async () => {
    await expect(start('late', 'retried')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    define('late', 'one');
    await expect(start('late', 'retried')).resolves.toMatch(/^late:/);
  });

  test('of another start makes another build', async () => {
    define('tokens', 'one');
    expect(await start('tokens', 'a')).not.toBe(await start('tokens', 'b'));
  });
});

describe('the list of a project\'s builds', () => {
  test('has the newest first, and the oldest first where that is asked for', async () => {
    define('listed', 'one');
    const [first, second] = [await start('listed'), await start('listed')];
    await expect(list('listed')).resolves.toMatchObject({ ids: [second, first] });
    await expect(list('listed', { sortOrder: 'ASCENDING' })).resolves.toMatchObject({ ids: [first, second] });
  });

  test('is empty before the first', async () => {
    define('fresh', 'one');
    await expect(list('fresh')).resolves.toMatchObject({ ids: [] });
  });

  test('fails when there is no such project', async () => {
    await expect(list('nowhere')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
  });

  test('goes on by its token after a hundred, and has no order then', async () => {
    define('many', 'one');
    await Promise.all(Array.from({ length: 101 }, () => start('many')));
    const { ids: firsts = [], nextToken } = await list('many');
    const { ids: rest = [], nextToken: end } = await list('many', { nextToken });
    expect([firsts.length, rest.length, end, new Set([...firsts, ...rest]).size]).toEqual([100, 1, undefined, 101]);
    await expect(list('many', { sortOrder: 'DESCENDING' })).rejects.toMatchObject({ name: 'InvalidInputException' });
  });
});
