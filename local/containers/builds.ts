import { createHash, randomUUID } from 'node:crypto';
import type * as codeBuild from '@aws-sdk/client-codebuild';
import { ACCOUNT, PARTITION, REGION } from '../service/account';
import type { RoleStorage } from '../service/contracts';
import { errorText, ServiceError } from '../service/errors';
import type { LogSink } from '../sagemaker/hosting/contracts';
import type { InputOf, Operations } from '../service/operation';
import type { ImageStore } from './images';

/** A project as far as its builds need it, from the emulator's books. */
export interface BuildProject {
  readonly name: string;
  readonly serviceRole: string;
  /** `<bucket>/<key>`, where its source is of the type S3. */
  readonly source: { readonly type: string; readonly location?: string };
  readonly environment: codeBuild.ProjectEnvironment;
  readonly logGroup?: string;
}

/** What builds need of the emulator. */
export interface BuildBooks {
  project(name: string): Promise<BuildProject | undefined>;
  /** Puts the image into its repository, so that ECR knows it. */
  push(repository: string, tag: string, manifest: string): Promise<void>;
}

/** How long StartBuild knows a token, and how many builds ListBuildsForProject gives at once: CodeBuild's API reference. */
const TOKEN_MS = 5 * 60_000;
const PAGE = 100;

type StartBuild = InputOf<typeof codeBuild, 'StartBuild'>;

interface Build {
  readonly id: string;
  readonly number: number;
  readonly project: BuildProject;
  readonly environment: codeBuild.ProjectEnvironment;
  readonly startedAt: number;
  readonly stopping: AbortController;
  status: 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' | 'STOPPED';
  phase: string;
  endedAt?: number;
  problem?: string;
}

export interface BuildsOptions {
  readonly books: BuildBooks;
  readonly storage: RoleStorage;
  readonly images: ImageStore;
  readonly logs: LogSink;
}

/**
 * Builds of CodeBuild. No build runs a build spec here: a project is taken for one that builds the Dockerfile of its source
 * and pushes it as `$REPOSITORY:$TAG`, two variables of its environment.
 */
export class Builds {
  private readonly builds = new Map<string, Build>();
  private readonly running = new Set<Promise<void>>();
  private readonly tokens = new Map<string, { readonly request: string; readonly until: number; readonly build: Promise<Build> }>();

  public constructor(private readonly options: BuildsOptions) {}

  public operations(): Operations<typeof codeBuild> {
    return {
      StartBuild: {
        resources: ({ projectName }) => [projectArn(projectName)],
        run: async (input) => ({ build: described(await this.startOnce(input)) }),
      },
      StopBuild: {
        resources: ({ id }) => [projectArn(id.split(':')[0] ?? '')],
        run: ({ id }) => ({ build: described(this.stop(id)) }),
      },
      ListBuildsForProject: {
        resources: ({ projectName }) => [projectArn(projectName)],
        run: (input) => this.list(input),
      },
      BatchGetBuilds: {
        resources: ({ ids }) => ids.map((id) => projectArn(id.split(':')[0] ?? '')),
        run: ({ ids }) => {
          const found = ids.map((id) => this.builds.get(id));
          return {
            builds: found.flatMap((build) => (build ? [described(build)] : [])),
            buildsNotFound: ids.filter((id) => !this.builds.has(id)),
          };
        },
      },
    };
  }

  public async close(): Promise<void> {
    await Promise.all(this.running);
  }

  /** The same request with the same token is the same build. */
  private async startOnce(input: StartBuild): Promise<Build> {
    const { idempotencyToken: token } = input;
    if (token === undefined) {
      return this.start(input);
    }
    const request = JSON.stringify(input);
    const known = this.tokens.get(token);
    if (known && known.until > Date.now()) {
      if (known.request !== request) {
        throw new ServiceError('InvalidInputException', 'The parameters do not match those of the earlier request with this idempotency token');
      }
      return known.build;
    }
    const build = this.start(input);
    this.tokens.set(token, { request, until: Date.now() + TOKEN_MS, build });
    build.catch(() => this.tokens.delete(token));
    return build;
  }

  private async start({ projectName, environmentVariablesOverride: overrides = [] }: StartBuild): Promise<Build> {
    const project = await this.find(projectName);
    const { environmentVariables: defined = [] } = project.environment;
    const variables = new Map([...defined, ...overrides].map((variable) => [variable.name, variable]));
    const build: Build = {
      id: `${project.name}:${randomUUID()}`, number: this.ofProject(project.name).length + 1, project,
      environment: { ...project.environment, environmentVariables: [...variables.values()] },
      startedAt: Date.now(), stopping: new AbortController(), status: 'IN_PROGRESS', phase: 'SUBMITTED',
    };
    this.builds.set(build.id, build);
    const work = this.work(build).then(() => {
      finish(build, 'SUCCEEDED');
    }, async (error: unknown) => {
      finish(build, 'FAILED', errorText(error));
      await this.log(build, errorText(error)).catch(() => undefined); // the build has its reason
    }).finally(() => {
      this.running.delete(work);
    });
    this.running.add(work);
    return build;
  }

  /** A build that is over stays what it is. */
  private stop(id: string): Build {
    const build = this.builds.get(id);
    if (!build) {
      throw new ServiceError('ResourceNotFoundException', `Build cannot be found: ${id}`);
    }
    finish(build, 'STOPPED');
    build.stopping.abort(new Error('the build was stopped'));
    return build;
  }

  private async list({ projectName, sortOrder, nextToken }: InputOf<typeof codeBuild, 'ListBuildsForProject'>): Promise<object> {
    const builds = this.ofProject((await this.find(projectName)).name);
    if (sortOrder !== undefined && builds.length > PAGE) {
      throw new ServiceError('InvalidInputException', `sortOrder is not possible for a project of more than ${PAGE} builds`);
    }
    const ids = builds.toSorted((a, b) => sortOrder === 'ASCENDING' ? a.number - b.number : b.number - a.number).map(({ id }) => id);
    const start = Number(nextToken ?? 0);
    const end = start + PAGE;
    return { ids: ids.slice(start, end), ...end < ids.length ? { nextToken: String(end) } : {} };
  }

  private ofProject(name: string): Build[] {
    return [...this.builds.values()].filter(({ project }) => project.name === name);
  }

  private async find(name: string): Promise<BuildProject> {
    const project = await this.options.books.project(name);
    if (!project) {
      throw new ServiceError('ResourceNotFoundException', `Project cannot be found: ${projectArn(name)}`);
    }
    return project;
  }

  private async work(build: Build): Promise<void> {
    const { project: { source, serviceRole }, environment: { environmentVariables: variables = [] } } = build;
    const valueOf = (wanted: string): string | undefined => variables.find(({ name }) => name === wanted)?.value;
    const repository = valueOf('REPOSITORY');
    const tag = valueOf('TAG');
    const [bucket = '', ...key] = (source.location ?? '').split('/');
    if (source.type !== 'S3' || repository === undefined || tag === undefined) {
      throw new Error('the local cloud builds projects whose source is in S3, and whose environment has REPOSITORY and TAG');
    }
    build.phase = 'DOWNLOAD_SOURCE';
    const archive = await this.options.storage.read(serviceRole, bucket, key.join('/'));
    build.phase = 'BUILD';
    const lines: string[] = [];
    const { signal } = build.stopping;
    await this.options.images.build(`${repository}:${tag}`, archive, (line) => lines.push(line), signal);
    signal.throwIfAborted();
    build.phase = 'POST_BUILD';
    const digest = createHash('sha256').update(archive).digest('hex');
    await this.options.books.push(repository.slice(repository.indexOf('/') + 1), tag, JSON.stringify({ schemaVersion: 2, source: digest }));
    await this.log(build, ...lines);
  }

  private async log({ project: { logGroup }, id }: Build, ...lines: readonly string[]): Promise<void> {
    if (logGroup !== undefined) {
      await this.options.logs.write(logGroup, id.split(':')[1] ?? id, lines);
    }
  }
}

/** The first end is the one that counts. */
function finish(build: Build, status: Build['status'], problem?: string): void {
  if (build.status !== 'IN_PROGRESS') {
    return;
  }
  build.status = status;
  build.phase = 'COMPLETED';
  build.endedAt = Date.now();
  if (problem !== undefined) {
    build.problem = problem;
  }
}

function described({ id, number, project, environment, startedAt, endedAt, status, phase, problem }: Build): object {
  const stream = id.split(':')[1];
  return {
    id, arn: `arn:${PARTITION}:codebuild:${REGION}:${ACCOUNT}:build/${id}`, projectName: project.name, buildNumber: number, environment,
    buildStatus: status,
    currentPhase: phase, buildComplete: status !== 'IN_PROGRESS', startTime: startedAt / 1000,
    endTime: endedAt === undefined ? undefined : endedAt / 1000, serviceRole: project.serviceRole,
    logs: project.logGroup === undefined ? undefined : { groupName: project.logGroup, streamName: stream },
    phases: problem === undefined ? [] : [{
      phaseType: 'BUILD', phaseStatus: 'FAILED', contexts: [{ statusCode: 'COMMAND_EXECUTION_ERROR', message: problem }],
    }],
  };
}

function projectArn(name: string): string {
  return name.startsWith('arn:') ? name : `arn:${PARTITION}:codebuild:${REGION}:${ACCOUNT}:project/${name}`;
}
