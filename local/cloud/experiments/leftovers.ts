import {
  ListAppImageConfigsCommand, ListAppsCommand, ListDomainsCommand, ListImagesCommand, ListMlflowAppsCommand,
  ListMlflowTrackingServersCommand, ListProcessingJobsCommand, ListSpacesCommand, ListStudioLifecycleConfigsCommand,
  ListTrainingJobsCommand, ListUserProfilesCommand,
} from '@aws-sdk/client-sagemaker';
import type { Clients } from '../clients';
import { names } from '../leftover-list';

interface StudioList {
  readonly kind: string;
  readonly list: (clients: Pick<Clients, 'sageMaker'>) => Promise<string[]>;
}

const ALL = { MaxResults: 100 };

/** What trials and Studio have in the account. Records of jobs and of applications that are over do not count: no API deletes them. */
export const EXPERIMENT_LISTS: readonly StudioList[] = [
  {
    kind: 'running processing job',
    list: async ({ sageMaker }) => names(
      (await sageMaker.send(new ListProcessingJobsCommand({ StatusEquals: 'InProgress' }))).ProcessingJobSummaries,
      (job) => job.ProcessingJobName,
    ),
  },
  {
    kind: 'running training job',
    list: async ({ sageMaker }) => names(
      (await sageMaker.send(new ListTrainingJobsCommand({ StatusEquals: 'InProgress' }))).TrainingJobSummaries,
      (job) => job.TrainingJobName,
    ),
  },
  {
    kind: 'MLflow app',
    list: async ({ sageMaker }) => names((await sageMaker.send(new ListMlflowAppsCommand(ALL))).Summaries, (app) => app.Name),
  },
  {
    kind: 'MLflow tracking server',
    list: async ({ sageMaker }) => names(
      (await sageMaker.send(new ListMlflowTrackingServersCommand(ALL))).TrackingServerSummaries,
      (server) => server.TrackingServerName,
    ),
  },
  {
    kind: 'Studio domain',
    list: async ({ sageMaker }) => names((await sageMaker.send(new ListDomainsCommand(ALL))).Domains, (domain) => domain.DomainName),
  },
  {
    kind: 'Studio user profile',
    list: async ({ sageMaker }) => names(
      (await sageMaker.send(new ListUserProfilesCommand(ALL))).UserProfiles,
      (user) => user.UserProfileName,
    ),
  },
  {
    kind: 'Studio space',
    list: async ({ sageMaker }) => names((await sageMaker.send(new ListSpacesCommand(ALL))).Spaces, (space) => space.SpaceName),
  },
  {
    kind: 'Studio application',
    list: async ({ sageMaker }) => names(
      (await sageMaker.send(new ListAppsCommand(ALL))).Apps?.filter(({ Status }) => Status !== 'Deleted'),
      ({ AppName = '', AppType = '', SpaceName = '' }) => `${SpaceName}/${AppType}/${AppName}`,
    ),
  },
  {
    kind: 'Studio image',
    list: async ({ sageMaker }) => names((await sageMaker.send(new ListImagesCommand(ALL))).Images, (image) => image.ImageName),
  },
  {
    kind: 'configuration of a Studio image',
    list: async ({ sageMaker }) => names(
      (await sageMaker.send(new ListAppImageConfigsCommand(ALL))).AppImageConfigs,
      (config) => config.AppImageConfigName,
    ),
  },
  {
    kind: 'Studio lifecycle configuration',
    list: async ({ sageMaker }) => names(
      (await sageMaker.send(new ListStudioLifecycleConfigsCommand(ALL))).StudioLifecycleConfigs,
      (config) => config.StudioLifecycleConfigName,
    ),
  },
];
