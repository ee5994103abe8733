import type { Build } from '@aws-sdk/client-codebuild';
import type { Dependencies } from '../../../lambda/images/dependencies';
import { RESOURCES } from '../../../lambda/images/resources';
import type { IsCompleteResult, Started } from '../../../lambda/shared/events';
import { handle } from '../../../lambda/shared/handle';
import { serviceError } from '../endpoint/load-test/fixture';

const DIGEST = `sha256:${'a'.repeat(64)}`;
const image = { ProjectName: 'project', RepositoryName: 'repository', ImageTag: 'abc' };

beforeEach(() => {
  jest.spyOn(console, 'log').mockReturnValue(undefined);
});

/** CodeBuild and ECR of one image. */
class Services {
  public now = Date.parse('2026-11-27T10:00:00Z');
  public builds: Build[] = [];
  public readonly stopped: (string | undefined)[] = [];
  /** What the calls about builds fail with, once none is there to be listed. */
  public gone?: Error;
  public readonly started: { projectName?: string; idempotencyToken?: string }[] = [];
  public lines: string[] | Error = ['Step 3/8', 'ERROR: hash mismatch'];
  public digest: string | Error = DIGEST;

  public dependencies(): Dependencies {
    return {
      startBuild: (input) => {
        this.started.push(input);
        return Promise.resolve({});
      },
      stopBuild: ({ id }) => {
        this.stopped.push(id);
        return this.gone === undefined ? Promise.resolve({}) : Promise.reject(this.gone);
      },
      listBuilds: () => this.gone === undefined || this.builds.length > 0
        ? Promise.resolve({ ids: this.builds.map(({ id = '' }) => id) })
        : Promise.reject(this.gone),
      getBuilds: ({ ids = [] }) => Promise.resolve({ builds: this.builds.filter(({ id = '' }) => ids.includes(id)) }),
      getLogEvents: () => this.lines instanceof Error
        ? Promise.reject(this.lines)
        : Promise.resolve({ events: this.lines.map((message) => ({ message: `${message}\n` })) }),
      describeImages: () => this.digest instanceof Error
        ? Promise.reject(this.digest)
        : Promise.resolve({ imageDetails: [{ imageDigest: this.digest }] }),
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

  public begin(properties: object, request = 'Create'): Promise<Started> {
    return handle(RESOURCES, this.dependencies(), event(properties, request)) as Promise<Started>;
  }

  public poll(properties: object, started: Started, request = 'Create'): Promise<IsCompleteResult> {
    return handle(RESOURCES, this.dependencies(), { ...event(properties, request), ...started }) as Promise<IsCompleteResult>;
  }
}

function event(properties: object, request: string): object {
  return {
    RequestType: request, RequestId: 'request-1', StackId: 'stack', ResourceType: 'Custom::SageMakerEdge-BuiltImage', LogicalResourceId: 'It',
    ResourceProperties: properties, ...(request === 'Create' ? {} : { PhysicalResourceId: 'it' }),
  };
}

describe('an image', () => {
  test('is built, waited for, and then known by its tag', async () => {
    const services = new Services();
    const started = await services.begin(image);
    expect(started.PhysicalResourceId).toBe('repository:abc');
    await expect(services.poll(image, started)).resolves.toMatchObject({ IsComplete: false });
    services.build('1', 'IN_PROGRESS');
    await expect(services.poll(image, started)).resolves.toMatchObject({ IsComplete: false });
    services.builds = [];
    services.build('1', 'SUCCEEDED');
    await expect(services.poll(image, started)).resolves.toEqual({ IsComplete: true, Data: { ImageTag: 'abc', ImageDigest: DIGEST } });
    expect(services.started).toHaveLength(1);
  });

  test('is not built twice where the answer to the first start was lost', async () => {
    const services = new Services();
    const started = await services.begin(image);
    await services.poll(image, started);
    await services.poll(image, started);
    expect(new Set(services.started.map(({ idempotencyToken: token }) => token)).size).toBe(1);
  });

  test('of a tag that was built before is not built again, as in a rollback', async () => {
    const services = new Services();
    services.build('1', 'SUCCEEDED');
    services.build('2', 'SUCCEEDED', 'newer');
    const started = await services.begin(image, 'Update');
    await expect(services.poll(image, started, 'Update')).resolves.toMatchObject({ IsComplete: true });
    expect(services.started).toEqual([]);
  });

  test('is built again where only an earlier deployment failed', async () => {
    const services = new Services();
    services.build('1', 'FAILED');
    services.now += 600_000;
    const started = await services.begin(image);
    await services.poll(image, started);
    expect(services.started).toHaveLength(1);
  });

  test('fails with the last lines of the build\'s log', async () => {
    const services = new Services();
    const started = await services.begin(image);
    services.build('project:1', 'FAILED', 'abc', { phases: [
      { phaseType: 'INSTALL', phaseStatus: 'SUCCEEDED' }, { phaseType: 'BUILD', phaseStatus: 'FAILED', contexts: [{ message: 'exit status 1' }] },
    ] });
    await expect(services.poll(image, started)).rejects.toThrow(
      'the build project:1 of the image repository:abc ended with FAILED in BUILD (exit status 1): the log group/stream ends with:\n'
      + 'Step 3/8\nERROR: hash mismatch',
    );
  });

  test('fails with the log\'s name where the log cannot be read', async () => {
    const services = new Services();
    services.lines = serviceError('AccessDeniedException', 'no');
    const started = await services.begin(image);
    services.build('1', 'TIMED_OUT');
    await expect(services.poll(image, started)).rejects.toThrow('see the log group/stream, which could not be read (AccessDeniedException: no)');
  });

  test('fails without a log where there is none', async () => {
    const services = new Services();
    const started = await services.begin(image);
    services.build('1', 'FAULT', 'abc', { logs: {} });
    await expect(services.poll(image, started)).rejects.toThrow('ended with FAULT: it has no log');
  });

  test('is built again where somebody has deleted it since', async () => {
    const services = new Services();
    services.build('1', 'SUCCEEDED');
    services.now += 600_000;
    services.digest = serviceError('ImageNotFoundException', 'gone');
    const started = await services.begin(image, 'Update');
    await expect(services.poll(image, started, 'Update')).resolves.toMatchObject({ IsComplete: false });
    expect(services.started).toHaveLength(1);
  });

  test('fails when its build ended well and it is not there', async () => {
    const services = new Services();
    const started = await services.begin(image);
    services.build('project:1', 'SUCCEEDED');
    services.digest = serviceError('ImageNotFoundException', 'gone');
    await expect(services.poll(image, started)).rejects.toThrow(
      'the build project:1 ended well, and the image repository:abc is not there: was it deleted?',
    );
  });

  test('fails when the repository may not be read', async () => {
    const services = new Services();
    services.build('1', 'SUCCEEDED');
    services.digest = serviceError('AccessDeniedException', 'not authorized');
    const started = await services.begin(image);
    services.now += 60_000;
    await expect(services.poll(image, started)).rejects.toThrow('not authorized');
  });

  test('needs nothing for its deletion where no build runs', async () => {
    const services = new Services();
    services.build('1', 'SUCCEEDED');
    const started = await services.begin(image, 'Delete');
    await expect(services.poll(image, started, 'Delete')).resolves.toEqual({ IsComplete: true });
    expect(services.stopped).toEqual([]);
  });

  test('has its build stopped and waited for where it is deleted in the middle of it', async () => {
    const services = new Services();
    services.build('1', 'IN_PROGRESS');
    const started = await services.begin(image, 'Delete');
    await expect(services.poll(image, started, 'Delete')).resolves.toMatchObject({ IsComplete: false, For: 'the build 1 to stop' });
    expect(services.stopped).toContain('1');
    services.builds = [];
    services.build('1', 'STOPPED');
    await expect(services.poll(image, started, 'Delete')).resolves.toEqual({ IsComplete: true });
  });

  test('is deleted where its project is gone', async () => {
    const services = new Services();
    services.gone = serviceError('ResourceNotFoundException', 'gone');
    const started = await services.begin(image, 'Delete');
    await expect(services.poll(image, started, 'Delete')).resolves.toEqual({ IsComplete: true });
  });

  test('is waited for where its build is gone before it is stopped', async () => {
    const services = new Services();
    services.gone = serviceError('ResourceNotFoundException', 'gone');
    services.build('1', 'IN_PROGRESS');
    const started = await services.begin(image, 'Delete');
    await expect(services.poll(image, started, 'Delete')).resolves.toMatchObject({ IsComplete: false });
  });

  test('is not deleted where its build may not be stopped', async () => {
    const services = new Services();
    services.now += 3_600_000;
    services.gone = serviceError('AccessDeniedException', 'no');
    services.build('1', 'IN_PROGRESS');
    const started = { PhysicalResourceId: 'it', Since: 0 };
    await expect(services.poll(image, started, 'Delete')).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });

  test('of a cancelled update is not built to its end: the rollback stops the build', async () => {
    const services = new Services();
    services.build('1', 'SUCCEEDED');
    services.build('2', 'IN_PROGRESS', 'newer');
    services.now += 1000;
    const started = await services.begin(image, 'Update');
    await expect(services.poll(image, started, 'Update')).resolves.toMatchObject({ IsComplete: true });
    expect(services.stopped).toContain('2');
  });

  test('of a rollback is not stopped by the update that was cancelled before', async () => {
    const services = new Services();
    const newer = { ...image, ImageTag: 'newer' };
    const cancelled = await services.begin(newer, 'Update');
    services.now += 1000;
    services.build('1', 'IN_PROGRESS');
    await services.poll(newer, cancelled, 'Update');
    expect(services.stopped).toEqual([]);
  });
});
