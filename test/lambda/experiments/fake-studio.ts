import type { AppDetails, CustomImage, SpaceDetails, UserProfileDetails } from '@aws-sdk/client-sagemaker';
import type { Dependencies } from '../../../lambda/experiments/studio/dependencies';
import { RESOURCES } from '../../../lambda/experiments/studio/resources';
import type { IsCompleteResult, Started } from '../../../lambda/shared/events';
import { handle } from '../../../lambda/shared/handle';

export function serviceError(name: string, message = 'no'): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400 } });
}

export const DOMAIN = 'd-abc';

/** A domain with what is in it. An application and a space take one poll to end. */
export class FakeStudio {
  public now = Date.parse('2026-11-27T10:00:00Z');
  public status: string | undefined = 'InService';
  public failureReason: string | undefined;
  public images: Record<'JupyterLab' | 'CodeEditor', CustomImage[]> = { JupyterLab: [], CodeEditor: [] };
  public apps: AppDetails[] = [];
  public spaces: SpaceDetails[] = [];
  public users: UserProfileDetails[] = [];
  public readonly calls: string[] = [];
  /** Thrown by the next call of that name. */
  public readonly faults = new Map<string, Error>();
  /** What somebody else does between a read and the write that follows. */
  public meanwhile: (() => void) | undefined;

  public app(SpaceName: string, Status = 'InService'): void {
    this.apps.push({ DomainId: DOMAIN, SpaceName, AppName: 'default', AppType: 'JupyterLab', Status: Status as AppDetails['Status'] });
  }

  public space(SpaceName: string, OwnerUserProfileName: string): void {
    this.spaces.push({ DomainId: DOMAIN, SpaceName, Status: 'InService', OwnershipSettingsSummary: { OwnerUserProfileName } });
  }

  public dependencies(): Dependencies {
    return {
      studio: {
        describeDomain: () => this.called('describeDomain', '', () => ({
          Status: this.domainStatus(), FailureReason: this.failureReason,
          DefaultUserSettings: {
            ExecutionRole: 'role',
            JupyterLabAppSettings: { LifecycleConfigArns: ['script'], CustomImages: [...this.images.JupyterLab] },
            CodeEditorAppSettings: { CustomImages: [...this.images.CodeEditor] },
          },
        })),
        updateDomain: ({ DefaultUserSettings: settings = {} }) => this.called('updateDomain', JSON.stringify(settings), () => {
          this.meanwhile?.();
          this.meanwhile = undefined;
          if (this.status === 'Updating') {
            throw serviceError('ResourceInUse');
          }
          this.images.JupyterLab = settings.JupyterLabAppSettings?.CustomImages ?? this.images.JupyterLab;
          this.images.CodeEditor = settings.CodeEditorAppSettings?.CustomImages ?? this.images.CodeEditor;
          this.status = 'Updating';
          return {};
        }),
        deleteDomain: ({ RetentionPolicy }) => this.called('deleteDomain', String(RetentionPolicy?.HomeEfsFileSystem), () => {
          this.status = 'Deleting';
          return {};
        }),
        listApps: () => this.called('listApps', '', () => [...this.apps]),
        deleteApp: ({ SpaceName, UserProfileName }) => this.called('deleteApp', SpaceName ?? UserProfileName ?? '', () => {
          this.apps = this.apps.map((app) => (app.SpaceName === SpaceName && app.UserProfileName === UserProfileName ? { ...app, Status: 'Deleting' } : app));
          return {};
        }),
        listSpaces: () => this.called('listSpaces', '', () => [...this.spaces]),
        deleteSpace: ({ SpaceName = '' }) => this.called('deleteSpace', SpaceName, () => {
          this.spaces = this.spaces.filter((space) => space.SpaceName !== SpaceName);
          return {};
        }),
        listUserProfiles: () => this.called('listUserProfiles', '', () => [...this.users]),
        deleteUserProfile: ({ UserProfileName = '' }) => this.called('deleteUserProfile', UserProfileName, () => {
          this.users = this.users.filter((user) => user.UserProfileName !== UserProfileName);
          return {};
        }),
      },
      now: () => this.now,
    };
  }

  /** What had begun to end has ended, and an update is done. */
  public settle(): void {
    this.apps = this.apps.map((app) => (app.Status === 'Deleting' ? { ...app, Status: 'Deleted' } : app));
    if (this.status === 'Updating') {
      this.status = 'InService';
    } else if (this.status === 'Deleting') {
      this.status = undefined;
    }
  }

  /** A whole event: its first phase, and polls until it is done. Throws where it fails. */
  public async event(type: string, properties: object, request = 'Create', more: object = {}): Promise<{ id: string; waits: string[] }> {
    const event = {
      RequestType: request, RequestId: 'request-1', StackId: 'stack', ResourceType: type, LogicalResourceId: 'It', ResourceProperties: properties,
      ...(request === 'Create' ? {} : { PhysicalResourceId: 'it' }), ...more,
    };
    const started = await handle(RESOURCES, this.dependencies(), event) as Started;
    const waits: string[] = [];
    for (let poll = 0; poll < 20; poll++) {
      const result = await handle(RESOURCES, this.dependencies(), { ...event, ...started }) as IsCompleteResult;
      if (result.IsComplete) {
        return { id: started.PhysicalResourceId, waits };
      }
      waits.push(result.For ?? '');
      this.settle();
      this.now += 5_000;
    }
    throw new Error(`nothing ends the event: ${waits.join('; ')}`);
  }

  private domainStatus(): 'InService' {
    if (this.status === undefined) {
      throw serviceError('ResourceNotFound');
    }
    return this.status as 'InService';
  }

  private called<T>(name: string, detail: string, work: () => T): Promise<T> {
    this.calls.push(detail === '' ? name : `${name} ${detail}`);
    const fault = this.faults.get(name);
    this.faults.delete(name);
    return fault === undefined ? new Promise((resolve) => {
      resolve(work()); // what it throws is a rejection
    }) : Promise.reject(fault);
  }
}
