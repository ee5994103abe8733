import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { BatchGetBuildsCommand, CodeBuildClient, ListBuildsForProjectCommand, StartBuildCommand } from '@aws-sdk/client-codebuild';
import { DescribeTasksCommand, ECSClient, ListTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import { ListExecutionsCommand, SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import type { IsCompleteResult, Started } from '../../shared/events';
import { handle } from '../../shared/handle';
import type { Dependencies } from './dependencies';
import { RESOURCES } from './resources';

const options = { maxAttempts: 8 }; // rides out half a minute of throttling, within this function's timeout
const codebuild = new CodeBuildClient(options);
const ecs = new ECSClient(options);
const logs = new CloudWatchLogsClient(options);
const sfn = new SFNClient(options);

const dependencies: Dependencies = {
  builds: {
    startBuild: (input) => codebuild.send(new StartBuildCommand(input)),
    listBuilds: (input) => codebuild.send(new ListBuildsForProjectCommand(input)),
    getBuilds: (input) => codebuild.send(new BatchGetBuildsCommand(input)),
    getLogEvents: (input) => logs.send(new GetLogEventsCommand(input)),
  },
  runs: {
    listExecutions: (input) => sfn.send(new ListExecutionsCommand(input)),
    stopExecution: (input) => sfn.send(new StopExecutionCommand(input)),
    listTasks: (input) => ecs.send(new ListTasksCommand(input)),
    describeTasks: (input) => ecs.send(new DescribeTasksCommand(input)),
    stopTask: (input) => ecs.send(new StopTaskCommand(input)),
  },
  now: () => Date.now(),
};

export function handler(event: unknown): Promise<Started | IsCompleteResult> {
  return handle(RESOURCES, dependencies, event);
}
