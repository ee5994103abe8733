import { randomBytes } from 'node:crypto';
import type { Context } from '../context';
import { inUse, invalid } from '../errors';
import { enter, Records, times, type StudioRecord } from '../studio/records';
import type { Life } from '../studio/life';
import { taggingRights } from '../tags';
import type { MlflowAppRequest, MlflowServerRequest, SageMakerOperations } from '../types';

/** MLflow apps and tracking servers: their records. What MLflow's clients call is an `mlflow server` of its own, if there is any. */
export class Mlflow {
  private readonly apps = new Records<MlflowAppRequest>('MlflowApp');
  private readonly servers = new Records<MlflowServerRequest>('MlflowTrackingServer');

  public constructor(private readonly context: Context, private readonly life: Life) {}

  public state(): readonly object[] {
    return [...this.apps.all(), ...this.servers.all()].map(({ arn, request, status }) => ({ ...request, Arn: arn, Status: status }));
  }

  public operations(): SageMakerOperations {
    const { arns } = this.context;
    const any = [arns.studio('mlflow-app', '*')]; // its ID is not known before
    const app = ({ Arn }: { readonly Arn: string }): readonly string[] => [Arn];
    const server = ({ TrackingServerName: name }: { readonly TrackingServerName: string }): readonly string[] => (
      [arns.studio('mlflow-tracking-server', name)]
    );
    return {
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

  private begin<R extends { readonly ArtifactStoreUri: string; readonly Tags?: MlflowAppRequest['Tags'] }>(
    records: Records<R>, key: string, arn: string, request: R,
  ): void {
    if (!request.ArtifactStoreUri.startsWith('s3://')) {
      throw invalid(`ArtifactStoreUri must begin with s3://, got ${request.ArtifactStoreUri}`);
    }
    const record = records.add(key, arn, request, 'Creating');
    this.context.tags.create(arn, request.Tags);
    const fault = this.context.faults.takeJob('Name' in request ? String(request.Name) : key);
    this.life.later(() => {
      enter(record, fault?.become === 'FAILED' ? 'CreateFailed' : 'Created', fault?.reason);
    });
  }

  private end<R>(records: Records<R>, key: string): string {
    const record: StudioRecord<R> = records.get(key);
    enter(record, 'Deleting');
    this.life.later(() => {
      records.delete(key);
      this.context.tags.delete(record.arn);
    });
    return record.arn;
  }
}
