import type {
  AppDetails, DeleteAppCommandInput, DeleteDomainCommandInput, DeleteSpaceCommandInput, DeleteUserProfileCommandInput,
  DescribeDomainCommandInput, DescribeDomainCommandOutput, ListAppsCommandInput, ListSpacesCommandInput, ListUserProfilesCommandInput,
  SpaceDetails, UpdateDomainCommandInput, UserProfileDetails,
} from '@aws-sdk/client-sagemaker';
import type { Clock } from '../../shared/resource-handler';

/** Just the calls of SageMaker that are made. Lists are whole. */
export interface StudioCalls {
  describeDomain(input: DescribeDomainCommandInput): Promise<Pick<DescribeDomainCommandOutput, 'Status' | 'FailureReason' | 'DefaultUserSettings'>>;
  updateDomain(input: UpdateDomainCommandInput): Promise<unknown>;
  deleteDomain(input: DeleteDomainCommandInput): Promise<unknown>;
  listApps(input: ListAppsCommandInput): Promise<AppDetails[]>;
  deleteApp(input: DeleteAppCommandInput): Promise<unknown>;
  listSpaces(input: ListSpacesCommandInput): Promise<SpaceDetails[]>;
  deleteSpace(input: DeleteSpaceCommandInput): Promise<unknown>;
  listUserProfiles(input: ListUserProfilesCommandInput): Promise<UserProfileDetails[]>;
  deleteUserProfile(input: DeleteUserProfileCommandInput): Promise<unknown>;
}

/** What the handlers depend on. */
export interface Dependencies extends Clock {
  readonly studio: StudioCalls;
}
