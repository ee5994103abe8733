import type { Context } from '../context';
import { inUse, invalid, notFound } from '../errors';
import { page, seconds } from '../listing';
import { taggingRights } from '../tags';
import type { AppRequest, SageMakerOperations, SpaceRequest, UserProfileRequest } from '../types';
import type { Domains } from './domains';
import type { StudioImages } from './images';
import type { Life } from './life';
import { enter, Records, times, type StudioRecord } from './records';

/** Of Studio Classic. AWS: "You can only stop or delete existing applications and cannot create new ones." */
const CLASSIC = ['JupyterServer', 'KernelGateway'];
const APP_TYPES = ['JupyterLab', 'CodeEditor'];

type AppKey = Pick<AppRequest, 'AppName' | 'AppType' | 'DomainId' | 'SpaceName' | 'UserProfileName'>;

/** Users, their spaces, and the applications in these. No application really runs: it is in its states for a while. */
export class People {
  private readonly users = new Records<UserProfileRequest>('UserProfile');
  private readonly spaces = new Records<SpaceRequest>('Space');
  private readonly apps = new Records<AppRequest>('App');

  public constructor(
    private readonly context: Context, private readonly life: Life, private readonly domains: Domains,
    private readonly images: StudioImages,
  ) {
    domains.contents = (id) => [
      ...this.users.all().some(({ request }) => request.DomainId === id) ? ['UserProfile(s)'] : [],
      ...this.spaces.all().some(({ request }) => request.DomainId === id) ? ['Space(s)'] : [],
      ...this.liveApps(({ DomainId }) => DomainId === id).length > 0 ? ['App(s)'] : [],
    ];
  }

  /** An application that has ended is listed for a day, and is nothing that is left. */
  public state(): readonly object[] {
    const left = [...this.users.all(), ...this.spaces.all(), ...this.liveApps(() => true)];
    return left.map(({ arn, request, status }) => ({ ...request, Arn: arn, Status: status }));
  }

  public operations(): SageMakerOperations {
    return { ...this.userOperations(), ...this.spaceOperations(), ...this.appOperations() };
  }

  private userOperations(): SageMakerOperations {
    const { arns, tags } = this.context;
    const key = ({ DomainId, UserProfileName }: {
      readonly DomainId: string;
      readonly UserProfileName: string;
    }): string => `${DomainId}/${UserProfileName}`;
    const resources = (request: {
      readonly DomainId: string;
      readonly UserProfileName: string;
    }): readonly string[] => [arns.studio('user-profile', key(request))];
    return {
      CreateUserProfile: {
        resources,
        role: ({ UserSettings }) => UserSettings?.ExecutionRole,
        rights: (request) => taggingRights(request.Tags, resources(request)),
        run: (request) => {
          this.domains.usable(request.DomainId);
          const user = this.add(this.users, key(request), arns.studio('user-profile', key(request)), request);
          tags.create(user.arn, request.Tags);
          return { UserProfileArn: user.arn };
        },
      },
      DescribeUserProfile: {
        resources,
        run: (request) => ({ UserProfileArn: this.users.get(key(request)).arn, ...described(this.users.get(key(request))) }),
      },
      UpdateUserProfile: {
        resources, role: ({ UserSettings }) => UserSettings?.ExecutionRole,
        run: (request) => {
          const user = this.users.get(key(request));
          user.request = { ...user.request, UserSettings: { ...user.request.UserSettings, ...request.UserSettings } };
          return { UserProfileArn: user.arn };
        },
      },
      DeleteUserProfile: {
        resources,
        run: (request) => {
          const user = this.users.get(key(request));
          const owned = this.spaces.all().filter(({ request: { DomainId, OwnershipSettings: owner } }) => (
            DomainId === request.DomainId && owner?.OwnerUserProfileName === request.UserProfileName
          ));
          if (owned.length > 0 || this.liveApps(
            (app) => app.DomainId === request.DomainId && app.UserProfileName === request.UserProfileName,
          ).length > 0) {
            throw inUse(`Unable to delete UserProfile ${request.UserProfileName} because Space(s) or App(s) are associated with it`);
          }
          this.remove(this.users, key(request), user);
          return undefined;
        },
      },
      ListUserProfiles: {
        run: (request) => {
          const { items, NextToken } = page(
            this.users.all().filter((each) => each.request.DomainId === (request.DomainIdEquals ?? each.request.DomainId)),
            request,
          );
          return { UserProfiles: items.map((user) => summary(user, { UserProfileName: user.request.UserProfileName })), NextToken };
        },
      },
    };
  }

  private spaceOperations(): SageMakerOperations {
    const { arns, tags } = this.context;
    const key = ({ DomainId, SpaceName }: { readonly DomainId: string; readonly SpaceName: string }): string => `${DomainId}/${SpaceName}`;
    const resources = (request: {
      readonly DomainId: string;
      readonly SpaceName: string;
    }): readonly string[] => [arns.studio('space', key(request))];
    return {
      CreateSpace: {
        resources, rights: (request) => taggingRights(request.Tags, resources(request)),
        run: (request) => {
          this.checkSpace(request);
          const space = this.add(this.spaces, key(request), arns.studio('space', key(request)), request);
          tags.create(space.arn, request.Tags);
          return { SpaceArn: space.arn };
        },
      },
      DescribeSpace: {
        resources,
        run: (request) => ({ SpaceArn: this.spaces.get(key(request)).arn, ...described(this.spaces.get(key(request))) }),
      },
      UpdateSpace: {
        resources,
        run: (request) => {
          const space = this.spaces.get(key(request));
          space.request = { ...space.request, ...request };
          return { SpaceArn: space.arn };
        },
      },
      DeleteSpace: {
        resources,
        run: (request) => {
          const space = this.spaces.get(key(request));
          if (this.liveApps((app) => app.DomainId === request.DomainId && app.SpaceName === request.SpaceName).length > 0) {
            throw inUse(`Unable to delete Space ${request.SpaceName} because App(s) are associated with it`);
          }
          this.remove(this.spaces, key(request), space);
          return undefined;
        },
      },
      ListSpaces: {
        run: (request) => {
          const { items, NextToken } = page(
            this.spaces.all().filter((each) => each.request.DomainId === (request.DomainIdEquals ?? each.request.DomainId)),
            request,
          );
          const spaces = items.map((space) => summary(space, {
            SpaceName: space.request.SpaceName,
            OwnershipSettingsSummary: space.request.OwnershipSettings,
          }));
          return { Spaces: spaces, NextToken };
        },
      },
    };
  }

  private appOperations(): SageMakerOperations {
    const { arns, tags } = this.context;
    const key = ({ AppName, AppType, DomainId, SpaceName, UserProfileName }: AppKey): string => (
      `${DomainId}/${SpaceName ?? UserProfileName ?? ''}/${AppType}/${AppName}`
    );
    const resources = (request: AppKey): readonly string[] => [arns.studio('app', key(request))];
    return {
      CreateApp: {
        resources, rights: (request) => taggingRights(request.Tags, resources(request)),
        run: (request) => {
          this.checkApp(request);
          if (this.apps.find(key(request))?.status === 'Deleted') {
            this.apps.delete(key(request)); // the name is free again
          }
          const fault = this.context.faults.takeJob(key(request));
          const app = this.add(this.apps, key(request), arns.studio('app', key(request)), request, fault?.become === 'FAILED' ? {
            status: 'Failed', reason: fault.reason ?? 'ConfigurationError: the container did not answer on port 8888',
          } : undefined);
          tags.create(app.arn, request.Tags);
          return { AppArn: app.arn };
        },
      },
      DescribeApp: {
        resources,
        run: (request) => ({ AppArn: this.apps.get(key(request)).arn, ...described(this.apps.get(key(request))) }),
      },
      DeleteApp: {
        resources,
        run: (request) => {
          const app = this.apps.get(key(request));
          if (app.status === 'Deleted') {
            throw notFound(`App [${key(request)}] does not exist`);
          }
          enter(app, 'Deleting');
          this.life.later(() => {
            enter(app, 'Deleted');
            tags.delete(app.arn);
          });
          return undefined;
        },
      },
      ListApps: {
        run: (request) => {
          const { DomainIdEquals: domain, SpaceNameEquals: space, UserProfileNameEquals: user } = request;
          const found = this.apps.all().filter(({ request: app }) => (
            app.DomainId === (domain ?? app.DomainId) && app.SpaceName === (space ?? app.SpaceName)
            && app.UserProfileName === (user ?? app.UserProfileName)
          ));
          const { items, NextToken } = page(found, request);
          const apps = items.map((app) => summary(app, {
            AppName: app.request.AppName, AppType: app.request.AppType, SpaceName: app.request.SpaceName,
            UserProfileName: app.request.UserProfileName,
          }));
          return { Apps: apps, NextToken };
        },
      },
    };
  }

  private checkSpace({ DomainId, OwnershipSettings: owner, SpaceSettings: settings, SpaceSharingSettings: sharing }: SpaceRequest): void {
    this.domains.usable(DomainId);
    if ((owner === undefined) !== (sharing === undefined)) {
      throw invalid('OwnershipSettings and SpaceSharingSettings must be given together');
    }
    if (owner !== undefined) {
      this.users.get(`${DomainId}/${owner.OwnerUserProfileName}`);
    }
    const spec = settings?.AppType === 'CodeEditor' ? settings.CodeEditorAppSettings : settings?.JupyterLabAppSettings;
    this.checkImage(DomainId, settings?.AppType ?? 'JupyterLab', spec?.DefaultResourceSpec?.SageMakerImageVersionArn);
  }

  private checkApp({ AppType, DomainId, ResourceSpec: spec, SpaceName, UserProfileName }: AppRequest): void {
    this.domains.usable(DomainId);
    if (CLASSIC.includes(AppType)) {
      throw invalid(`Studio Classic takes no new applications, got AppType ${AppType}`);
    }
    if (!APP_TYPES.includes(AppType) || SpaceName === undefined || UserProfileName !== undefined) {
      throw invalid(`The local stand-in knows applications of the types ${APP_TYPES.join(', ')} in a space, got ${AppType}`);
    }
    const { request: { SpaceSettings: settings } } = this.spaces.get(`${DomainId}/${SpaceName}`);
    if (settings?.AppType !== AppType) {
      throw invalid(`Space [${SpaceName}] is for ${settings?.AppType ?? 'no application'}, got AppType ${AppType}`);
    }
    this.checkImage(DomainId, AppType, spec?.SageMakerImageVersionArn);
  }

  private checkImage(domainId: string, appType: string, versionArn: string | undefined): void {
    if (versionArn !== undefined && !this.domains.hasImage(domainId, appType, this.images.imageOfVersion(versionArn))) {
      throw invalid(`${versionArn} is not attached to Domain [${domainId}] for ${appType}`);
    }
  }

  private liveApps(fits: (app: AppRequest) => boolean): StudioRecord<AppRequest>[] {
    return this.apps.all().filter(({ request, status }) => status !== 'Deleted' && fits(request));
  }

  private add<R>(
    records: Records<R>, key: string, arn: string, request: R, end: {
      readonly status: string;
      readonly reason?: string;
    } = { status: 'InService' },
  ): StudioRecord<R> {
    if (records.find(key) !== undefined) {
      throw inUse(`${arn} already exists`);
    }
    const record = records.add(key, arn, request, 'Pending');
    this.life.later(() => {
      if (record.status === 'Pending') {
        enter(record, end.status, end.reason);
      }
    });
    return record;
  }

  private remove<R>(records: Records<R>, key: string, record: StudioRecord<R>): void {
    enter(record, 'Deleting');
    this.life.later(() => {
      records.delete(key);
      this.context.tags.delete(record.arn);
    });
  }
}

function described(record: StudioRecord<object>): object {
  return { ...record.request, Tags: undefined, Status: record.status, ...times(record) };
}

function summary(record: StudioRecord<{ readonly DomainId: string }>, more: object): object {
  const { createdAt, request: { DomainId }, status } = record;
  return { DomainId, Status: status, CreationTime: seconds(createdAt), ...more };
}
