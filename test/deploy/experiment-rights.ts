import type { Listed } from '../rights/width';
import type { EvidenceScope } from './evidence';
import { rolesNamed } from './template-rules';

/** Those of the pipeline of examples/dvc-experiments: of its state machine, and of its four kinds of jobs. */
export const EXPERIMENT_ROLES: EvidenceScope = { roles: rolesNamed(/^Houses/), isByPolicy: true };

const ACCOUNT = 'us-east-1:000000000000';
const RUN = '(single-file|multi-files)-[0-9a-f]{10}';
const TRAINING = `dvcexperiments-[0-9a-f]{8}-t-${RUN}`;
const HASH = '[0-9a-f]{16}';
const COMMIT = '[0-9a-f]{40}';

/** Objects of a bucket that the stack makes. */
function objects(bucket: string, key: string): RegExp {
  return new RegExp(String.raw`arn:aws:s3:::dvcexperiments-${bucket}[\w-]+${key}`);
}

/** Rights that no run shows, and wildcards that a run shows to be wide. */
export const LISTED: readonly Listed[] = [
  {
    actions: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
    pattern: new RegExp(String.raw`arn:aws:logs:${ACCOUNT}:log-group:/aws/sagemaker/(Processing|Training)Jobs\*`),
    reason: 'SageMaker writes the log with the job\'s role, as its developer guide says; the stand-in writes it as root',
  },
  {
    actions: ['cloudwatch:PutMetricData'], pattern: /\*/,
    reason: 'SageMaker publishes the metrics of the machine with the job\'s role, as its developer guide says; the stand-in has no machine',
  },
  {
    actions: ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage', 'ecr:GetAuthorizationToken'],
    pattern: new RegExp(String.raw`\*|arn:aws:ecr:us-east-1:\d{12}:repository/pytorch-training`),
    reason: 'SageMaker pulls the image with the job\'s role, as its developer guide says; the stand-in has no images',
  },
  {
    actions: ['s3:AbortMultipartUpload'],
    pattern: objects('(housesartifacts|storedata|trackingartifacts)', String.raw`/(processed|trained|evaluated|registered|dvc|mlflow)/\*`),
    reason: 'SageMaker, DVC and MLflow send large files in parts, and give them up where one cannot be sent: no file here is large',
  },
  {
    actions: ['s3:GetObject', 's3:PutObject'], pattern: objects('storedata', String.raw`/dvc/\*`),
    stands: /files\/md5(\/[0-9a-f]{2}\/[0-9a-f]{30}(\.dir)?)?/,
    reason: 'DVC names each file by its MD5, and asks for their folder; older versions put them right below the prefix',
  },
  {
    actions: ['s3:GetObject', 's3:PutObject'], pattern: objects('housesartifacts', String.raw`/processed/\*`),
    stands: new RegExp(`${HASH}-${COMMIT}/result\\.json`),
    reason: 'SageMaker moves all files of a job\'s output and input, whatever a script puts there',
  },
  {
    actions: ['s3:PutObject'], pattern: objects('housesartifacts', String.raw`/trained/\*`),
    stands: new RegExp(`${TRAINING}/output/(model|output)\\.tar\\.gz`),
    reason: 'SageMaker chooses what is below the output of a training job',
  },
  {
    actions: ['s3:PutObject'], pattern: objects('housesartifacts', String.raw`/evaluated/\*`),
    stands: new RegExp(`${HASH}-${TRAINING}/(result|data/predictions)\\.json`),
    reason: 'SageMaker moves all files of a job\'s output, and a script of the user chooses them',
  },
  {
    actions: ['s3:PutObject'], pattern: objects('housesartifacts', String.raw`/registered/\*`),
    stands: new RegExp(`${HASH}-${TRAINING}/(result|data/registered)\\.json`),
    reason: 'SageMaker moves all files of a job\'s output, and a script of the user chooses them',
  },
  {
    actions: ['s3:GetObject'], pattern: objects('housesartifacts', String.raw`/trained/\*/output/model\.tar\.gz`),
    stands: new RegExp(TRAINING),
    reason: 'the model of each trial, in the folder of its training job: all jobs of a pipeline have one prefix',
  },
  {
    actions: ['s3:GetObject'], pattern: objects('housesartifacts', String.raw`/(evaluated|registered)/\*/result\.json`),
    stands: new RegExp(`${HASH}-${TRAINING}`),
    reason: 'the hash is that of the inputs of the evaluation or of the registration, which a new script changes',
  },
  {
    actions: ['s3:ListBucket', 's3:GetObject', 's3:PutObject'], pattern: objects('trackingartifacts', String.raw`(/mlflow/\*)?`),
    reason: 'MLflow\'s clients keep the artifacts of a run there. The scripts of the example log none; test/deploy/mlflow.test.ts does',
  },
  {
    actions: ['sagemaker:CreateTrainingJob', 'sagemaker:DescribeTrainingJob', 'sagemaker:AddTags', 'sagemaker:StopProcessingJob'],
    pattern: new RegExp(String.raw`arn:aws:sagemaker:${ACCOUNT}:(processing|training)-job/dvcexperiments-[0-9a-f]{8}-\*`),
    stands: new RegExp(`[pter]-${RUN}`),
    reason: 'the kind of the job, the trial and a hash of the execution',
  },
  {
    actions: ['sagemaker:StopTrainingJob'],
    pattern: new RegExp(String.raw`arn:aws:sagemaker:${ACCOUNT}:training-job/dvcexperiments-[0-9a-f]{8}-\*`),
    reason: 'the run is stopped while it processes; test/local/states/jobs.test.ts stops both kinds of jobs',
  },
  {
    actions: ['sagemaker:ListTags'],
    pattern: new RegExp(String.raw`arn:aws:sagemaker:${ACCOUNT}:(processing|training)-job/dvcexperiments-[0-9a-f]{8}-\*`),
    reason: 'Step Functions\' developer guide lists it for jobs that it waits for; the local cloud\'s worker does not call it',
  },
  {
    actions: ['events:PutTargets', 'events:PutRule', 'events:DescribeRule'],
    pattern: new RegExp(String.raw`arn:aws:events:${ACCOUNT}:rule/StepFunctionsGetEventsForSageMaker(Processing|Training)JobsRule`),
    reason: 'Step Functions makes its rule with the role; test/local/states/role-runner.test.ts refuses a task without each of them',
  },
];
