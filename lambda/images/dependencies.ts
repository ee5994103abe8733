import type { GetLogEventsCommandInput, GetLogEventsCommandOutput } from '@aws-sdk/client-cloudwatch-logs';
import type {
  BatchGetBuildsCommandInput, BatchGetBuildsCommandOutput, ListBuildsForProjectCommandInput, ListBuildsForProjectCommandOutput,
  StartBuildCommandInput, StopBuildCommandInput,
} from '@aws-sdk/client-codebuild';
import type { DescribeImagesCommandInput, DescribeImagesCommandOutput } from '@aws-sdk/client-ecr';
import type { Clock } from '../shared/resource-handler';

/** What the handler depends on: just the calls that are made. */
export interface Dependencies extends Clock {
  startBuild(input: StartBuildCommandInput): Promise<unknown>;
  stopBuild(input: StopBuildCommandInput): Promise<unknown>;
  listBuilds(input: ListBuildsForProjectCommandInput): Promise<Pick<ListBuildsForProjectCommandOutput, 'ids'>>;
  getBuilds(input: BatchGetBuildsCommandInput): Promise<Pick<BatchGetBuildsCommandOutput, 'builds'>>;
  getLogEvents(input: GetLogEventsCommandInput): Promise<Pick<GetLogEventsCommandOutput, 'events'>>;
  describeImages(input: DescribeImagesCommandInput): Promise<Pick<DescribeImagesCommandOutput, 'imageDetails'>>;
}
