import type { AppDetails, SpaceDetails } from '@aws-sdk/client-sagemaker';
import type { StudioCleanupProperties } from '../../../lib/experiments/private/studio/resources';
import { ignoringNotFound } from '../../shared/errors';
import type { PropertyReader } from '../../shared/properties';
import { done, waiting, type Outcome } from '../../shared/resource-handler';
import { StudioHandler } from './studio-handler';

/** Of what is named in a wait: the log line is short. */
const NAMED = 3;

/**
 * That a space, a user or a domain can be deleted: the Delete stops its applications, deletes what people have made in it, and waits
 * until all that is gone. The space, the user or the domain itself is CloudFormation's to delete, but for a domain whose home
 * directories go too: only SageMaker's own call deletes those.
 */
export class StudioCleanup extends StudioHandler<StudioCleanupProperties> {
  protected parse(properties: PropertyReader): StudioCleanupProperties {
    const user = properties.optionalText('UserProfileName');
    const space = properties.optionalText('SpaceName');
    return {
      DomainId: properties.text('DomainId'),
      ...user === undefined ? {} : { UserProfileName: user },
      ...space === undefined ? {} : { SpaceName: space },
      ...properties.isAbsent('HomeFileSystem') ? {} : { HomeFileSystem: properties.choice('HomeFileSystem', ['Delete'] as const) },
    };
  }

  protected id({ DomainId: domain, SpaceName: space, UserProfileName: user }: StudioCleanupProperties): string {
    if (space !== undefined) {
      return `${domain}/space/${space}`;
    }
    return user === undefined ? domain : `${domain}/user/${user}`;
  }

  /** There is nothing to make. */
  protected apply(): Promise<Outcome> {
    return Promise.resolve(done());
  }

  protected async remove(properties: StudioCleanupProperties): Promise<Outcome> {
    const spaces = await this.spaces(properties);
    const apps = await this.stopApps(properties, spaces);
    if (apps.length > 0) {
      return waiting(`the applications ${named(apps.map(({ AppName = '', SpaceName = '' }) => `${SpaceName}/${AppName}`))} to end`);
    }
    if (properties.SpaceName !== undefined) {
      return done();
    }
    if (spaces.length > 0) {
      await this.deleteSpaces(spaces);
      return waiting(`the spaces ${named(spaces.map(({ SpaceName = '' }) => SpaceName))} to be deleted`);
    }
    return properties.UserProfileName === undefined ? await this.finishDomain(properties) : done();
  }

  /** Those that are concerned: one, those of a user, or all of the domain. */
  private async spaces({ DomainId, SpaceName: name, UserProfileName: user }: StudioCleanupProperties): Promise<SpaceDetails[]> {
    const all = await ignoringNotFound(() => this.studio.listSpaces({ DomainIdEquals: DomainId })) ?? [];
    return all.filter((space) => (name === undefined || space.SpaceName === name)
      && (user === undefined || space.OwnershipSettingsSummary?.OwnerUserProfileName === user));
  }

  /** Returns those that have not ended. */
  private async stopApps(properties: StudioCleanupProperties, spaces: readonly SpaceDetails[]): Promise<AppDetails[]> {
    const { DomainId, SpaceName: space, UserProfileName: user } = properties;
    const all = await ignoringNotFound(() => this.studio.listApps({ DomainIdEquals: DomainId })) ?? [];
    const names = new Set(spaces.map(({ SpaceName }) => SpaceName));
    const isWhole = space === undefined && user === undefined;
    const left = all.filter(({ SpaceName, Status, UserProfileName }) => Status !== 'Deleted' && (
      isWhole || (SpaceName !== undefined && names.has(SpaceName)) || (user !== undefined && UserProfileName === user)
    ));
    for (const { AppName, AppType, SpaceName, UserProfileName } of left.filter(({ Status }) => Status !== 'Deleting')) {
      await ignoringNotFound(() => this.studio.deleteApp({ DomainId, AppName, AppType, SpaceName, UserProfileName }));
    }
    return left;
  }

  private async deleteSpaces(spaces: readonly SpaceDetails[]): Promise<void> {
    for (const { DomainId, SpaceName } of spaces.filter(({ Status }) => Status !== 'Deleting')) {
      await ignoringNotFound(() => this.studio.deleteSpace({ DomainId, SpaceName }));
    }
  }

  private async finishDomain({ DomainId, HomeFileSystem }: StudioCleanupProperties): Promise<Outcome> {
    const users = await ignoringNotFound(() => this.studio.listUserProfiles({ DomainIdEquals: DomainId })) ?? [];
    if (users.length > 0) {
      for (const { UserProfileName } of users.filter(({ Status }) => Status !== 'Deleting')) {
        await ignoringNotFound(() => this.studio.deleteUserProfile({ DomainId, UserProfileName }));
      }
      return waiting(`the users ${named(users.map(({ UserProfileName = '' }) => UserProfileName))} to be deleted`);
    }
    return HomeFileSystem === undefined ? done() : await this.deleteDomain(DomainId);
  }

  private async deleteDomain(DomainId: string): Promise<Outcome> {
    const domain = await ignoringNotFound(() => this.studio.describeDomain({ DomainId }));
    if (domain === undefined) {
      return done();
    }
    if (domain.Status === 'Delete_Failed') {
      throw new Error(`the domain ${DomainId} could not be deleted with its home directories: ${domain.FailureReason ?? 'SageMaker gives no reason'}`);
    }
    if (domain.Status !== 'Deleting') {
      await ignoringNotFound(() => this.studio.deleteDomain({ DomainId, RetentionPolicy: { HomeEfsFileSystem: 'Delete' } }));
    }
    return waiting(`the domain ${DomainId} and its home directories to be deleted`);
  }
}

function named(names: readonly string[]): string {
  return names.length <= NAMED ? names.join(', ') : `${names.slice(0, NAMED).join(', ')} and ${names.length - NAMED} more`;
}
