import { CloudWatchClient, GetMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeTasksCommand, ECSClient, ListTasksCommand, RunTaskCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { DeleteObjectCommand, GetObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeEndpointCommand, DescribeEndpointConfigCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { Controller, type Answer } from './controller';
import type { Dependencies } from './dependencies';
import { parseSettings } from './settings';
import { writeReport } from './write-report';

const options = { maxAttempts: 8 }; // rides out half a minute of throttling, within this function's timeout
const ecs = new ECSClient(options);
const events = new EventBridgeClient(options);
const metrics = new CloudWatchClient(options);
const s3 = new S3Client(options);
const sagemaker = new SageMakerClient(options);
const sfn = new SFNClient(options);

const dependencies: Dependencies = {
  objects: {
    getText: async (input) => {
      const { Body, ETag = '' } = await s3.send(new GetObjectCommand(input));
      return { text: Body === undefined ? '' : await Body.transformToString(), etag: ETag };
    },
    putObject: (input) => s3.send(new PutObjectCommand(input)),
    deleteObject: (input) => s3.send(new DeleteObjectCommand(input)),
    listObjects: (input) => s3.send(new ListObjectsV2Command(input)),
  },
  tasks: {
    runTask: (input) => ecs.send(new RunTaskCommand(input)),
    describeTasks: (input) => ecs.send(new DescribeTasksCommand(input)),
    listTasks: (input) => ecs.send(new ListTasksCommand(input)),
    stopTask: (input) => ecs.send(new StopTaskCommand(input)),
  },
  endpoint: {
    describeEndpoint: (input) => sagemaker.send(new DescribeEndpointCommand(input)),
    describeEndpointConfig: (input) => sagemaker.send(new DescribeEndpointConfigCommand(input)),
  },
  metrics: { getMetricData: (input) => metrics.send(new GetMetricDataCommand(input)) },
  executions: { describeExecution: (input) => sfn.send(new DescribeExecutionCommand(input)) },
  events: { putEvents: (input) => events.send(new PutEventsCommand(input)) },
  writeReport: (run, reportUri) => writeReport(run, reportUri, new Date()),
  now: () => Date.now(),
};

const { LOAD_TEST_SETTINGS } = process.env;

export function handler(event: unknown): Promise<Answer> {
  return new Controller(parseSettings(LOAD_TEST_SETTINGS), dependencies).handle(event);
}
