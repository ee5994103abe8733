import { CloudFormationClient, DescribeStackResourceCommand } from '@aws-sdk/client-cloudformation';
import {
  AddTagsCommand, CreateCompilationJobCommand, CreateEdgePackagingJobCommand, DeleteCompilationJobCommand, DeleteTagsCommand,
  DescribeCompilationJobCommand, DescribeEdgePackagingJobCommand, SageMakerClient, StopCompilationJobCommand, StopEdgePackagingJobCommand,
} from '@aws-sdk/client-sagemaker';
import type { IsCompleteResult, Started } from '../shared/events';
import { handle } from '../shared/handle';
import type { JobsClient, StackClient } from './dependencies';
import { RESOURCES } from './resources';

/** Two tries of at most 8 s, with a pause: records.ts counts on 18 s a call. */
const limits = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 6_000, throwOnRequestTimeout: true },
};
const sagemaker = new SageMakerClient(limits);
const cloudformation = new CloudFormationClient(limits);

const jobs: JobsClient = {
  createCompilationJob: async (input) => { await sagemaker.send(new CreateCompilationJobCommand(input)); },
  describeCompilationJob: (name) => sagemaker.send(new DescribeCompilationJobCommand({ CompilationJobName: name })),
  stopCompilationJob: async (name) => { await sagemaker.send(new StopCompilationJobCommand({ CompilationJobName: name })); },
  deleteCompilationJob: async (name) => { await sagemaker.send(new DeleteCompilationJobCommand({ CompilationJobName: name })); },
  createEdgePackagingJob: async (input) => { await sagemaker.send(new CreateEdgePackagingJobCommand(input)); },
  describeEdgePackagingJob: (name) => sagemaker.send(new DescribeEdgePackagingJobCommand({ EdgePackagingJobName: name })),
  stopEdgePackagingJob: async (name) => { await sagemaker.send(new StopEdgePackagingJobCommand({ EdgePackagingJobName: name })); },
  addTags: async (input) => { await sagemaker.send(new AddTagsCommand(input)); },
  deleteTags: async (input) => { await sagemaker.send(new DeleteTagsCommand(input)); },
};

const stacks: StackClient = {
  resourcePhase: async (stackId, logicalId) => {
    try {
      const describe = new DescribeStackResourceCommand({ StackName: stackId, LogicalResourceId: logicalId });
      const { StackResourceDetail: detail } = await cloudformation.send(describe);
      return `${detail?.ResourceStatus ?? ''} ${detail?.LastUpdatedTimestamp?.toISOString() ?? ''}`;
    } catch (error) {
      // Before a resource's first status there is none to read. That, too, is a phase.
      if (error instanceof Error && error.name === 'ValidationError') {
        return 'none';
      }
      throw error;
    }
  },
};

interface Context {
  getRemainingTimeInMillis(): number;
}

export function handler(event: unknown, context: Context): Promise<Started | IsCompleteResult> {
  return handle(RESOURCES, {
    jobs,
    stacks,
    now: () => Date.now(),
    remaining: () => context.getRemainingTimeInMillis(),
    write: (line) => { process.stdout.write(`${line}\n`); },
  }, event);
}
