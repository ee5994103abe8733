import type {
  DescribeTasksCommandInput, DescribeTasksCommandOutput, ListTasksCommandInput, ListTasksCommandOutput, StopTaskCommandInput,
} from '@aws-sdk/client-ecs';
import type { ListExecutionsCommandInput, ListExecutionsCommandOutput, StopExecutionCommandInput } from '@aws-sdk/client-sfn';
import type { Clock } from '../../shared/resource-handler';

/** Just the calls of Step Functions and ECS that are made. */
export interface RunCalls {
  listExecutions(input: ListExecutionsCommandInput): Promise<Pick<ListExecutionsCommandOutput, 'executions'>>;
  stopExecution(input: StopExecutionCommandInput): Promise<unknown>;
  listTasks(input: ListTasksCommandInput): Promise<Pick<ListTasksCommandOutput, 'taskArns'>>;
  describeTasks(input: DescribeTasksCommandInput): Promise<Pick<DescribeTasksCommandOutput, 'tasks'>>;
  stopTask(input: StopTaskCommandInput): Promise<unknown>;
}

/** What the handler depends on. */
export interface Dependencies extends Clock {
  readonly runs: RunCalls;
}
