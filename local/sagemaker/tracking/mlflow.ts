import { randomBytes } from 'node:crypto';
import type { Context } from '../context';
import { errorText, ServiceError } from '../../service/errors';
import { inUse, invalid } from '../errors';
import { dates, enter, listed, Records, times, type StudioRecord } from '../studio/records';
import type { Life } from '../studio/life';
import { taggingRights } from '../tags';
import type { MlflowAppRequest, MlflowServerRequest, SageMakerOperations } from '../types';
import type { MlflowProcess } from './mlflow-process';
import { MlflowServers } from './servers';

/** MLflow apps and tracking servers, and the server of MLflow behind each, where this cloud has MLflow. Its clients come by door.ts. */
export class Mlflow {
  private readonly apps = new Records<MlflowAppRequest>('MlflowApp');
  private readonly servers = new Records<MlflowServerRequest>('MlflowTrackingServer');

  private readonly running: MlflowServers;

  public constructor(private readonly context: Context, private readonly life: Life) {
    this.running = new MlflowServers(context.options.mlflow);
  }

  /** What answers for an app or a tracking server. Throws a ServiceError of MLflow's for one that is not there, or not Created. */
  public async server(arn: string): Promise<MlflowProcess> {
    const record = [...this.apps.all(), ...this.servers.all()].find((each) => each.arn === arn);
    if (record === undefined) {
      throw new ServiceError('RESOURCE_DOES_NOT_EXIST', `${arn} does not exist`, 404);
    }
    if (!this.running.run) {
      throw new ServiceError('TEMPORARILY_UNAVAILABLE', `no server is behind ${arn}: this local cloud was started without the packages of experiments`, 503);
    }
    const server = record.status === 'Created' ? await this.running.get(arn) : undefined;
    if (server === undefined) {
      throw new ServiceError('TEMPORARILY_UNAVAILABLE', `${arn} is ${[record.status, ...record.reason === undefined ? [] : [record.reason]].join(': ')}`, 503);
    }
    return server;
  }

  /** Whether on AWS each model that is registered there comes to SageMaker's model registry, too. */
  public copiesModels(arn: string): boolean {
    const app = this.apps.all().find((each) => each.arn === arn)?.request;
    const server = this.servers.all().find((each) => each.arn === arn)?.request;
    return app?.ModelRegistrationMode === 'AutoModelRegistrationEnabled' || server?.AutomaticModelRegistration === true;
  }

  /** Ends the servers. */
  public async close(): Promise<void> {
    await this.running.close();
  }

  public state(): readonly object[] {
    return [...this.apps.all(), ...this.servers.all()].map(({ arn, request, status, reason }) => (
      { ...request, Arn: arn, Status: status, FailureReason: reason }
    ));
  }

  public operations(): SageMakerOperations {
    const { arns } = this.context;
    const any = [arns.studio('mlflow-app', '*')]; // its ID is not known before
    const app = ({ Arn }: { readonly Arn: string }): readonly string[] => [Arn];
    const server = ({ TrackingServerName: name }: { readonly TrackingServerName: string }): readonly string[] => (
      [arns.studio('mlflow-tracking-server', name)]
    );
    return {
      ...this.lists(),
      CreateMlflowApp: {
        resources: () => any, role: ({ RoleArn }) => RoleArn, rights: ({ Tags }) => taggingRights(Tags, any),
        run: (request) => {
          if (this.apps.all().some((each) => each.request.Name === request.Name)) {
            throw inUse(`An MLflow app with the name ${request.Name} already exists`);
          }
          const arn = arns.studio('mlflow-app', `app-${randomBytes(6).toString('hex').toUpperCase()}`);
          this.begin(this.apps, arn, arn, request);
          return { Arn: arn };
        },
      },
      DescribeMlflowApp: {
        resources: app,
        run: ({ Arn }) => {
          const found = this.apps.get(Arn);
          return { ...found.request, Tags: undefined, Arn, Status: found.status, ...times(found) };
        },
      },
      DeleteMlflowApp: {
        resources: app,
        run: ({ Arn }) => {
          this.end(this.apps, Arn);
          return { Arn };
        },
      },
      CreateMlflowTrackingServer: {
        resources: server, role: ({ RoleArn }) => RoleArn, rights: (request) => taggingRights(request.Tags, server(request)),
        run: (request) => {
          const [arn = ''] = server(request);
          if (this.servers.find(request.TrackingServerName) !== undefined) {
            throw inUse(`${arn} already exists`);
          }
          this.begin(this.servers, request.TrackingServerName, arn, request);
          return { TrackingServerArn: arn };
        },
      },
      DescribeMlflowTrackingServer: {
        resources: server,
        run: ({ TrackingServerName }) => {
          const found = this.servers.get(TrackingServerName);
          return { ...found.request, Tags: undefined, TrackingServerArn: found.arn, TrackingServerStatus: found.status, ...times(found) };
        },
      },
      DeleteMlflowTrackingServer: {
        resources: server,
        run: ({ TrackingServerName }) => ({ TrackingServerArn: this.end(this.servers, TrackingServerName) }),
      },
    };
  }

  private lists(): SageMakerOperations {
    return {
      ListMlflowApps: {
        run: (request) => {
          const { AccountDefaultStatus, DefaultForDomainId, MlflowVersion, Status } = request;
          refuse({ AccountDefaultStatus, DefaultForDomainId, MlflowVersion });
          const found = this.apps.all().filter(({ status }) => status === (Status ?? status));
          const { items, NextToken } = listed(found, ({ Name }) => Name, byCreated(request));
          const summaries = items.map((app) => ({ Arn: app.arn, Name: app.request.Name, Status: app.status, ...dates(app) }));
          return { Summaries: summaries, NextToken };
        },
      },
      ListMlflowTrackingServers: {
        run: (request) => {
          const { MlflowVersion, TrackingServerStatus } = request;
          refuse({ MlflowVersion });
          const found = this.servers.all().filter(({ status }) => status === (TrackingServerStatus ?? status));
          const { items, NextToken } = listed(found, ({ TrackingServerName: name }) => name, byCreated(request));
          const summaries = items.map((server) => {
            const { arn, request: { TrackingServerName }, status } = server;
            return { TrackingServerArn: arn, TrackingServerName, TrackingServerStatus: status, ...dates(server) };
          });
          return { TrackingServerSummaries: summaries, NextToken };
        },
      },
    };
  }

  private begin<R extends Served & { readonly Tags?: MlflowAppRequest['Tags'] }>(
    records: Records<R>, key: string, arn: string, request: R,
  ): void {
    if (!request.ArtifactStoreUri.startsWith('s3://')) {
      throw invalid(`ArtifactStoreUri must begin with s3://, got ${request.ArtifactStoreUri}`);
    }
    const record = records.add(key, arn, request, 'Creating');
    this.context.tags.create(arn, request.Tags);
    const fault = this.context.faults.takeJob('Name' in request ? String(request.Name) : key);
    this.life.later(async () => {
      const reason = fault?.become === 'FAILED' ? fault.reason ?? 'a fault of the stand-in was asked for' : await this.started(record);
      if (record.status === 'Creating') { // it may be Deleting by now
        enter(record, reason === undefined ? 'Created' : 'CreateFailed', reason);
      }
    });
  }

  private end<R>(records: Records<R>, key: string): string {
    const record: StudioRecord<R> = records.get(key);
    enter(record, 'Deleting');
    this.life.later(async () => {
      await this.running.stop(record.arn);
      records.delete(key);
      this.context.tags.delete(record.arn);
    });
    return record.arn;
  }

  /** Why the server of an app does not run; undefined where it does, and where none is wanted. */
  private async started(record: StudioRecord<Served>): Promise<string | undefined> {
    const { arn, request: { ArtifactStoreUri: artifactStoreUri, RoleArn: roleArn } } = record;
    try {
      await this.running.start(arn, { id: arn.slice(arn.lastIndexOf('/') + 1), artifactStoreUri, roleArn });
      return undefined;
    } catch (error) {
      if (record.status === 'Creating') { // otherwise it was deleted while it started
        console.error(`${arn}: ${errorText(error)}`); // no operation of SageMaker tells the reason: it is in this log, and the door tells it
      }
      return errorText(error);
    }
  }
}

/** Throws where a list is asked for by what the stand-in does not know of its records. */
function refuse(filters: Readonly<Record<string, string | undefined>>): void {
  for (const [name] of Object.entries(filters).filter(([, value]) => value !== undefined)) {
    throw invalid(`The local stand-in lists nothing by ${name}`);
  }
}

/** What a server needs of the request for it. */
interface Served { readonly ArtifactStoreUri: string; readonly RoleArn: string }

interface ByCreated { readonly CreatedAfter?: number; readonly CreatedBefore?: number }

/** In the words of the other lists. */
function byCreated<R extends ByCreated>(request: R): R & { readonly CreationTimeAfter?: number; readonly CreationTimeBefore?: number } {
  const { CreatedAfter: after, CreatedBefore: before } = request;
  return { ...request, CreationTimeAfter: after, CreationTimeBefore: before };
}
