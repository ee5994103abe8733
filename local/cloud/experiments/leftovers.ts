import { ListProcessingJobsCommand, ListTrainingJobsCommand } from '@aws-sdk/client-sagemaker';
import { names, type LeftoverList } from '../leftover-list';

/** What trials have in the account. Records of jobs that are over do not count: no API deletes them. */
export const EXPERIMENT_LISTS: readonly LeftoverList[] = [
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
];
