import { createHash } from 'node:crypto';
import type { Build } from '@aws-sdk/client-codebuild';
import type { BuiltImageData, BuiltImageProperties } from '../../lib/images/contract';
import { DeclarativeHandler } from '../shared/declarative-handler';
import { describeError, ignoringNotFound, isTransient, serviceError } from '../shared/errors';
import type { PollEvent } from '../shared/events';
import type { PropertyReader } from '../shared/properties';
import { done, waiting, type Outcome } from '../shared/resource-handler';
import type { Dependencies } from './dependencies';

/** CodeBuild's clock may be behind this function's. */
const CLOCKS_MS = 60_000;
/** Of the log of a build that failed. CloudFormation's reasons are short. */
const LOG_LINES = 8;
/** ListBuildsForProject gives the newest first. Asked for an order, it fails for a project of more than 100 builds. */
const RECENT_BUILDS = 20;

/**
 * An image, built by CodeBuild. Its tag is made of all that it is made of, so that a build of that tag that succeeded once
 * is what every later event of it looks for: a rollback builds nothing.
 */
export class BuiltImage extends DeclarativeHandler<BuiltImageProperties> {
  public constructor(private readonly dependencies: Dependencies) {
    super(dependencies);
  }

  public override isRetryable(error: unknown, event: PollEvent): boolean {
    return super.isRetryable(error, event) || isTransient(error);
  }

  protected parse(properties: PropertyReader): BuiltImageProperties {
    return {
      ProjectName: properties.text('ProjectName'), RepositoryName: properties.text('RepositoryName'), ImageTag: properties.text('ImageTag'),
    };
  }

  protected id({ RepositoryName: repository, ImageTag: tag }: BuiltImageProperties): string {
    return `${repository}:${tag}`;
  }

  protected async apply(properties: BuiltImageProperties, event: PollEvent): Promise<Outcome> {
    const { ProjectName: project, ImageTag: tag } = properties;
    const recent = await this.recentBuilds(project);
    // A project builds one image at a time, for one resource: a build of another tag is that of an update that was cancelled.
    await this.stop(recent.filter((build) => tagOf(build) !== tag && isRunning(build) && startOf(build) < event.Since));
    const builds = recent.filter((build) => tagOf(build) === tag);
    const isNew = (build: Build): boolean => startOf(build) > event.Since - CLOCKS_MS;
    const built = builds.find(({ buildStatus }) => buildStatus === 'SUCCEEDED');
    if (built !== undefined) {
      const digest = await this.digest(properties);
      if (digest !== undefined) {
        return done({ ImageTag: tag, ImageDigest: digest } satisfies BuiltImageData);
      }
      if (isNew(built)) {
        throw new Error(`the build ${built.id ?? ''} ended well, and the image ${this.id(properties)} is not there: was it deleted?`);
      }
    }
    const running = builds.find(isRunning);
    if (running !== undefined) {
      return waiting(`the build ${running.id ?? ''} (${running.currentPhase ?? ''})`);
    }
    const failed = builds.find((build) => isNew(build));
    if (failed !== undefined) {
      throw new Error(await this.failure(failed, this.id(properties)));
    }
    await this.dependencies.startBuild({ projectName: project, idempotencyToken: tokenOf(event) });
    return waiting('the build to begin');
  }

  /** The images go with their repository, and builds with their project. One that runs is stopped, and waited for: it writes to both. */
  protected async remove({ ProjectName: project, ImageTag: tag }: BuiltImageProperties): Promise<Outcome> {
    const builds = await ignoringNotFound(() => this.recentBuilds(project)) ?? [];
    const running = builds.filter((build) => tagOf(build) === tag && isRunning(build));
    await this.stop(running);
    return running.length === 0 ? done() : waiting(`the build ${running[0]?.id ?? ''} to stop`);
  }

  private async stop(builds: readonly Build[]): Promise<void> {
    for (const { id } of builds) {
      await ignoringNotFound(() => this.dependencies.stopBuild({ id }));
    }
  }

  /** Undefined where somebody has deleted the image since. */
  private async digest({ RepositoryName: repositoryName, ImageTag: imageTag }: BuiltImageProperties): Promise<string | undefined> {
    try {
      const { imageDetails = [] } = await this.dependencies.describeImages({ repositoryName, imageIds: [{ imageTag }] });
      return imageDetails[0]?.imageDigest;
    } catch (error) {
      if (serviceError(error).name === 'ImageNotFoundException') {
        return undefined;
      }
      throw error;
    }
  }

  private async recentBuilds(projectName: string): Promise<Build[]> {
    const { ids = [] } = await this.dependencies.listBuilds({ projectName });
    if (ids.length === 0) {
      return [];
    }
    const { builds = [] } = await this.dependencies.getBuilds({ ids: ids.slice(0, RECENT_BUILDS) });
    return builds;
  }

  private async failure({ id = '', buildStatus, phases = [], logs }: Build, image: string): Promise<string> {
    const phase = phases.find(({ phaseStatus }) => phaseStatus !== undefined && phaseStatus !== 'SUCCEEDED');
    const why = phase?.contexts?.map(({ message }) => message).filter((message) => message !== undefined && message !== '').join('; ');
    const where = phase === undefined ? '' : ` in ${phase.phaseType ?? ''}${why === undefined || why === '' ? '' : ` (${why})`}`;
    return `the build ${id} of the image ${image} ended with ${buildStatus ?? 'no status'}${where}: ${await this.lastLines(logs)}`;
  }

  private async lastLines(logs: Build['logs']): Promise<string> {
    const { groupName: logGroupName, streamName: logStreamName } = logs ?? {};
    if (logGroupName === undefined || logStreamName === undefined) {
      return 'it has no log';
    }
    try {
      const request = { logGroupName, logStreamName, limit: LOG_LINES, startFromHead: false };
      const { events = [] } = await this.dependencies.getLogEvents(request);
      const lines = events.map(({ message = '' }) => message.trim()).filter((line) => line !== '');
      return `the log ${logGroupName}/${logStreamName} ends with:\n${lines.join('\n')}`;
    } catch (error) {
      return `see the log ${logGroupName}/${logStreamName}, which could not be read (${describeError(error)})`;
    }
  }
}

function isRunning({ buildStatus: status }: Build): boolean {
  return status === 'IN_PROGRESS';
}

/** Milliseconds since the epoch. */
function startOf({ startTime }: Build): number {
  return startTime?.getTime() ?? 0;
}

function tagOf({ environment }: Build): string | undefined {
  return environment?.environmentVariables?.find(({ name }) => name === 'TAG')?.value;
}

/** The same in each poll of one event, so that a lost answer begins no second build. */
function tokenOf({ RequestId: request }: PollEvent): string {
  return createHash('sha256').update(request).digest('hex');
}
