import type { GetLogEventsCommandInput, GetLogEventsCommandOutput } from '@aws-sdk/client-cloudwatch-logs';
import type {
  BatchGetBuildsCommandInput, BatchGetBuildsCommandOutput, ListBuildsForProjectCommandInput, ListBuildsForProjectCommandOutput,
  StartBuildCommandInput,
} from '@aws-sdk/client-codebuild';
import type {
  DescribeTasksCommandInput, DescribeTasksCommandOutput, ListTasksCommandInput, ListTasksCommandOutput, StopTaskCommandInput,
} from '@aws-sdk/client-ecs';
import type { ListExecutionsCommandInput, ListExecutionsCommandOutput, StopExecutionCommandInput } from '@aws-sdk/client-sfn';
import type { Clock } from '../../shared/resource-handler';

/** Just the calls of CodeBuild and its log that are made. */
export interface BuildCalls {
  startBuild(input: StartBuildCommandInput): Promise<unknown>;
  listBuilds(input: ListBuildsForProjectCommandInput): Promise<Pick<ListBuildsForProjectCommandOutput, 'ids'>>;
  getBuilds(input: BatchGetBuildsCommandInput): Promise<Pick<BatchGetBuildsCommandOutput, 'builds'>>;
  getLogEvents(input: GetLogEventsCommandInput): Promise<Pick<GetLogEventsCommandOutput, 'events'>>;
}

/** Just the calls of Step Functions and ECS that are made. */
export interface RunCalls {
  listExecutions(input: ListExecutionsCommandInput): Promise<Pick<ListExecutionsCommandOutput, 'executions'>>;
  stopExecution(input: StopExecutionCommandInput): Promise<unknown>;
  listTasks(input: ListTasksCommandInput): Promise<Pick<ListTasksCommandOutput, 'taskArns'>>;
  describeTasks(input: DescribeTasksCommandInput): Promise<Pick<DescribeTasksCommandOutput, 'tasks'>>;
  stopTask(input: StopTaskCommandInput): Promise<unknown>;
}

/** What the handlers depend on. */
export interface Dependencies extends Clock {
  readonly builds: BuildCalls;
  readonly runs: RunCalls;
}
