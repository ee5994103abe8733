import { CloudWatchLogsClient, GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { BatchGetBuildsCommand, CodeBuildClient, ListBuildsForProjectCommand, StartBuildCommand, StopBuildCommand } from '@aws-sdk/client-codebuild';
import { DescribeImagesCommand, ECRClient } from '@aws-sdk/client-ecr';
import { customResources } from '../shared/function';
import { handle } from '../shared/handle';
import type { Phase } from '../shared/lifecycle';
import type { Dependencies } from './dependencies';
import { LIMITS } from './limits';
import { RESOURCES } from './resources';

const options = { maxAttempts: 8 }; // rides out half a minute of throttling, within this function's timeout
const codebuild = new CodeBuildClient(options);
const ecr = new ECRClient(options);
const logs = new CloudWatchLogsClient(options);

function dependencies({ signal: abortSignal }: Phase): Dependencies {
  const call = { abortSignal };
  return {
    startBuild: (input) => codebuild.send(new StartBuildCommand(input), call),
    stopBuild: (input) => codebuild.send(new StopBuildCommand(input), call),
    listBuilds: (input) => codebuild.send(new ListBuildsForProjectCommand(input), call),
    getBuilds: (input) => codebuild.send(new BatchGetBuildsCommand(input), call),
    getLogEvents: (input) => logs.send(new GetLogEventsCommand(input), call),
    describeImages: (input) => ecr.send(new DescribeImagesCommand(input), call),
    now: () => Date.now(),
  };
}

export const handler = customResources(LIMITS, (event, phase) => handle(RESOURCES, dependencies(phase), event));
