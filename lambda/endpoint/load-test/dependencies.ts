import type { GetMetricDataCommandInput, GetMetricDataCommandOutput } from '@aws-sdk/client-cloudwatch';
import type {
  DescribeTasksCommandInput, DescribeTasksCommandOutput, ListTasksCommandInput, ListTasksCommandOutput, RunTaskCommandInput,
  RunTaskCommandOutput, StopTaskCommandInput,
} from '@aws-sdk/client-ecs';
import type { PutEventsCommandInput, PutEventsCommandOutput } from '@aws-sdk/client-eventbridge';
import type {
  DeleteObjectCommandInput, GetObjectCommandInput, ListObjectsV2CommandInput, ListObjectsV2CommandOutput, PutObjectCommandInput,
} from '@aws-sdk/client-s3';
import type {
  DescribeEndpointCommandInput, DescribeEndpointCommandOutput, DescribeEndpointConfigCommandInput, DescribeEndpointConfigCommandOutput,
} from '@aws-sdk/client-sagemaker';
import type { DescribeExecutionCommandInput, DescribeExecutionCommandOutput } from '@aws-sdk/client-sfn';
import type { LoadTestFinished } from '../report/report';
import type { Run } from '../report/run';
import type { Clock } from '../../shared/resource-handler';

/** An object's text, and the ETag by which it can be replaced. */
export interface StoredText {
  readonly text: string;
  readonly etag: string;
}

/** Just the calls of S3 that are made. */
export interface ObjectCalls {
  /** Rejects with S3's `NoSuchKey` if there is none. */
  getText(input: GetObjectCommandInput): Promise<StoredText>;
  putObject(input: PutObjectCommandInput): Promise<unknown>;
  deleteObject(input: DeleteObjectCommandInput): Promise<unknown>;
  listObjects(input: ListObjectsV2CommandInput): Promise<Pick<ListObjectsV2CommandOutput, 'Contents' | 'NextContinuationToken'>>;
}

/** Just the calls of ECS that are made. */
export interface TaskCalls {
  runTask(input: RunTaskCommandInput): Promise<Pick<RunTaskCommandOutput, 'tasks' | 'failures'>>;
  describeTasks(input: DescribeTasksCommandInput): Promise<Pick<DescribeTasksCommandOutput, 'tasks'>>;
  listTasks(input: ListTasksCommandInput): Promise<Pick<ListTasksCommandOutput, 'taskArns' | 'nextToken'>>;
  stopTask(input: StopTaskCommandInput): Promise<unknown>;
}

/** Just the calls of SageMaker that are made. */
export interface EndpointCalls {
  describeEndpoint(
    input: DescribeEndpointCommandInput,
  ): Promise<Pick<DescribeEndpointCommandOutput, 'EndpointName' | 'EndpointStatus' | 'EndpointConfigName' | 'ProductionVariants' | 'FailureReason'>>;
  describeEndpointConfig(input: DescribeEndpointConfigCommandInput): Promise<Pick<DescribeEndpointConfigCommandOutput, 'ProductionVariants'>>;
}

/** The report of a run, to be stored, and what it says to a gate. */
export interface WrittenReport {
  readonly json: string;
  readonly html: string;
  readonly passed: boolean;
  /** The verdict in a sentence. */
  readonly summary: string;
  /** The detail of the event that tells of the end. */
  readonly event: LoadTestFinished;
}

/** What the controller depends on. */
export interface Dependencies extends Clock {
  readonly objects: ObjectCalls;
  readonly tasks: TaskCalls;
  readonly endpoint: EndpointCalls;
  readonly metrics: {
    getMetricData(input: GetMetricDataCommandInput): Promise<Pick<GetMetricDataCommandOutput, 'MetricDataResults' | 'NextToken'>>;
  };
  readonly executions: {
    describeExecution(input: DescribeExecutionCommandInput): Promise<Pick<DescribeExecutionCommandOutput, 'status'>>;
  };
  writeReport(run: Run, reportUri: string): WrittenReport;
  readonly events: {
    putEvents(input: PutEventsCommandInput): Promise<Pick<PutEventsCommandOutput, 'FailedEntryCount' | 'Entries'>>;
  };
}
