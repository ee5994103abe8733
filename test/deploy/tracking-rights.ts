import type { Listed } from '../rights/width';
import type { EvidenceScope } from './evidence';
import { rolesNamed } from './template-rules';

/** Of fixtures/tracking-app.ts: who may track, and what SageMaker assumes for the app and the tracking server. */
export const TRACKERS: EvidenceScope = { roles: rolesNamed(/^tracker/), isByPolicy: true };
export const SERVERS: EvidenceScope = { roles: rolesNamed(/^(App|Server)Role/), isByPolicy: true };

const ARTIFACTS = /arn:aws:s3:::tracking-(app|server)artifacts[\w-]+\/mlflow\/\*/;
const RUN = String.raw`\d+/[0-9a-f]{32}/artifacts`;
const MODEL = String.raw`\d+/models/m-[0-9a-f]{32}/artifacts`;

export const LISTED: readonly Listed[] = [
  {
    actions: ['s3:GetObject', 's3:PutObject'], pattern: ARTIFACTS,
    stands: new RegExp(`${RUN}/(notes/)?note\\.txt|${MODEL}/model\\.txt`),
    reason: 'a client names its artifacts by experiment and run or model, and in folders as it likes',
  },
  {
    actions: ['s3:AbortMultipartUpload'], pattern: ARTIFACTS,
    reason: 'a client of S3 sends a large artifact in parts, and gives them up where one cannot be sent',
  },
];

const GUIDE = 'SageMaker\'s developer guide has it for the role of an app or a server ("Set up IAM permissions for MLflow")';

export const LISTED_OF_SERVERS: readonly Listed[] = [
  {
    actions: ['s3:PutObject', 's3:AbortMultipartUpload'], pattern: ARTIFACTS,
    reason: `${GUIDE}; MLflow itself leaves it to its clients to write artifacts`,
  },
  {
    actions: ['s3:GetBucketLocation'], pattern: /arn:aws:s3:::tracking-(app|server)artifacts[\w-]+/, reason: `${GUIDE}; MLflow itself does not ask`,
  },
  {
    actions: ['s3:GetObject'], pattern: /arn:aws:s3:::tracking-appartifacts[\w-]+\/mlflow\/\*/, stands: new RegExp(`${RUN}/note\\.txt`),
    reason: 'MLflow\'s pages show any artifact of a run',
  },
  {
    actions: ['s3:GetObject'], pattern: /arn:aws:s3:::tracking-serverartifacts[\w-]+\/mlflow\/\*/,
    reason: 'MLflow\'s pages show artifacts: the pages of a tracking server come by a presigned URL, which the local cloud does not make',
  },
];
