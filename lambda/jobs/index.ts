import { CloudFormationClient, DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import {
  AddTagsCommand, CreateCompilationJobCommand, CreateEdgePackagingJobCommand, DeleteCompilationJobCommand, DeleteTagsCommand,
  DescribeCompilationJobCommand, DescribeEdgePackagingJobCommand, SageMakerClient, StopCompilationJobCommand, StopEdgePackagingJobCommand,
} from '@aws-sdk/client-sagemaker';
import { customResources } from '../shared/function';
import { handle } from '../shared/handle';
import type { Phase } from '../shared/lifecycle';
import type { JobsClient, StackClient } from './dependencies';
import { LIMITS } from './limits';
import { RESOURCES } from './resources';

/** Two tries of at most 8 s, with a pause: records.ts counts on 18 s a call. */
const limits = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 6_000, throwOnRequestTimeout: true },
};
const sagemaker = new SageMakerClient(limits);
const cloudformation = new CloudFormationClient(limits);

function jobsClient({ signal: abortSignal }: Phase): JobsClient {
  const call = { abortSignal };
  return {
    createCompilationJob: async (input) => { await sagemaker.send(new CreateCompilationJobCommand(input), call); },
    describeCompilationJob: (name) => sagemaker.send(new DescribeCompilationJobCommand({ CompilationJobName: name }), call),
    stopCompilationJob: async (name) => { await sagemaker.send(new StopCompilationJobCommand({ CompilationJobName: name }), call); },
    deleteCompilationJob: async (name) => { await sagemaker.send(new DeleteCompilationJobCommand({ CompilationJobName: name }), call); },
    createEdgePackagingJob: async (input) => { await sagemaker.send(new CreateEdgePackagingJobCommand(input), call); },
    describeEdgePackagingJob: (name) => sagemaker.send(new DescribeEdgePackagingJobCommand({ EdgePackagingJobName: name }), call),
    stopEdgePackagingJob: async (name) => { await sagemaker.send(new StopEdgePackagingJobCommand({ EdgePackagingJobName: name }), call); },
    addTags: async (input) => { await sagemaker.send(new AddTagsCommand(input), call); },
    deleteTags: async (input) => { await sagemaker.send(new DeleteTagsCommand(input), call); },
  };
}

const stacksClient = ({ signal: abortSignal }: Phase): StackClient => ({
  resourcePhase: async (stackId, logicalId) => {
    try {
      const describe = new DescribeStackResourceCommand({ StackName: stackId, LogicalResourceId: logicalId });
      const { StackResourceDetail: detail } = await cloudformation.send(describe, { abortSignal });
      return `${detail?.ResourceStatus ?? ''} ${detail?.LastUpdatedTimestamp?.toISOString() ?? ''}`;
    } catch (error) {
      // Before a resource's first status there is none to read. That, too, is a phase.
      if (error instanceof Error && error.name === 'ValidationError') {
        return 'none';
      }
      throw error;
    }
  },
});

export const handler = customResources(LIMITS, (event, phase) => handle(RESOURCES, {
  jobs: jobsClient(phase),
  stacks: stacksClient(phase),
  now: () => Date.now(),
  remaining: () => phase.remaining(),
  write: (line) => { process.stdout.write(`${line}\n`); },
}, event));
