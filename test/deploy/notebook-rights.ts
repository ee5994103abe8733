import type { Listed } from '../rights/width';
import type { EvidenceScope } from './evidence';
import { rolesNamed } from './template-rules';

/** That of fixtures/notebook-app.ts: whoever works with the notebook of examples/dvc-experiments. */
export const ANALYST: EvidenceScope = { roles: rolesNamed(/^Analyst/), isByPolicy: true };

const PLACE = 'us-east-1:000000000000';
const TRACKING_BUCKET = String.raw`arn:aws:s3:::dvcexperiments-trackingartifacts[\w-]+`;
const EXECUTION = new RegExp(`arn:aws:states:${PLACE}:execution:Houses[\\w-]+:\\*`);

/** Rights that the notebook does not use, and wildcards that it shows to be wide. */
export const LISTED_OF_ANALYST: readonly Listed[] = [
  {
    actions: ['s3:GetObject'], pattern: /arn:aws:s3:::dvcexperiments-storedata[\w-]+\/dvc\/\*/,
    stands: /files\/md5(\/[0-9a-f]{2}\/[0-9a-f]{30}(\.dir)?)?/,
    reason: 'DVC names each file by its MD5, and asks for their folder; older versions put them right below the prefix',
  },
  {
    actions: ['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'], pattern: new RegExp(`${TRACKING_BUCKET}(/mlflow/\\*)?`),
    reason: 'who may track may also keep and read the artifacts of runs; the notebook reads their metrics alone',
  },
  {
    actions: ['states:DescribeExecution'], pattern: EXECUTION, stands: /[0-9a-f-]{36}/, reason: 'Step Functions names an execution by a UUID',
  },
  {
    actions: ['states:StopExecution'], pattern: EXECUTION, reason: 'who may start executions may stop them; the notebook waits for the end of its own',
  },
  {
    actions: ['states:ListExecutions'], pattern: new RegExp(`arn:aws:states:${PLACE}:stateMachine:Houses[\\w-]+`),
    reason: 'who may start executions may see them all; the notebook waits for its own',
  },
  {
    actions: ['s3:GetObject'], pattern: /arn:aws:s3:::dvcexperiments-housesartifacts[\w-]+\/trained\/\*\/output\/model\.tar\.gz/,
    stands: /dvcexperiments-[0-9a-f]{8}-t-(single-file|multi-files)-[0-9a-f]{10}/, reason: 'the model of whichever trial has won',
  },
  {
    actions: ['cloudformation:DescribeStacks'], pattern: new RegExp(`arn:aws:cloudformation:${PLACE}:stack/DvcExperiments/\\*`), stands: /\*/,
    reason: 'a stack that is called by its name: its ID ends the ARN',
  },
];
