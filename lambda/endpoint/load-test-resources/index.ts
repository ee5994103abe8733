import { DescribeTasksCommand, ECSClient, ListTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import { ListExecutionsCommand, SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { customResources } from '../../shared/function';
import { handle } from '../../shared/handle';
import type { Phase } from '../../shared/lifecycle';
import type { Dependencies } from './dependencies';
import { LIMITS } from './limits';
import { RESOURCES } from './resources';

const options = { maxAttempts: 8 }; // rides out half a minute of throttling, within this function's timeout
const ecs = new ECSClient(options);
const sfn = new SFNClient(options);

function dependencies({ signal: abortSignal }: Phase): Dependencies {
  const call = { abortSignal };
  return {
    runs: {
      listExecutions: (input) => sfn.send(new ListExecutionsCommand(input), call),
      stopExecution: (input) => sfn.send(new StopExecutionCommand(input), call),
      listTasks: (input) => ecs.send(new ListTasksCommand(input), call),
      describeTasks: (input) => ecs.send(new DescribeTasksCommand(input), call),
      stopTask: (input) => ecs.send(new StopTaskCommand(input), call),
    },
    now: () => Date.now(),
  };
}

export const handler = customResources(LIMITS, (event, phase) => handle(RESOURCES, dependencies(phase), event));
