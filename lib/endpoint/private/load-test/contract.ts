import { FARGATE_WORKER } from '../prices';

/** What the construct tells its controller, as JSON in one environment variable. */
export interface ControllerSettings {
  readonly endpointName: string;
  /** Absent: the endpoint's only variant, and no TargetVariant in the requests. */
  readonly variantName?: string;
  readonly region: string;
  readonly resultsBucket: string;
  readonly contentType: string;
  /** `s3://bucket/key` or `s3://bucket/prefix/`. Absent with a Locust file that makes its own requests. */
  readonly payloads?: string;
  /** What synth knows of the payloads of an asset. Absent: they are counted when a run starts. */
  readonly payloadFigures?: { readonly count: number; readonly bytes: number };
  readonly cluster: string;
  readonly masterTaskDefinition: string;
  readonly workerTaskDefinition: string;
  readonly masterSecurityGroup: string;
  readonly workerSecurityGroup: string;
  readonly subnets: readonly string[];
  readonly assignPublicIp: boolean;
  readonly users: readonly number[];
  readonly settleSeconds: number;
  readonly holdSeconds: number;
  readonly targetTps?: number;
  readonly p99Ms?: number;
  readonly errorPercent: number;
  /** At the start, and at most. */
  readonly workers: number;
  readonly maxWorkers: number;
  /** The period in which SageMaker publishes the endpoint's metrics. */
  readonly metricPeriodSeconds: number;
  /** How long CloudWatch is waited for after a hold. */
  readonly metricDelaySeconds: number;
  /** How long tasks may need to run, and workers to come. */
  readonly startSeconds: number;
}

/** The environment variable. */
export const CONTROLLER_SETTINGS = 'LOAD_TEST_SETTINGS';

/** The name of the only container of both task definitions. */
export const CONTAINER_NAME = 'locust';

/** A worker has one process on one core, and holds one connection for each user. Its programs have the same number. */
export const MAX_USERS_PER_WORKER = 1000;

/** Of InvokeEndpoint's body: 6 MB. AWS does not say which megabyte, and nothing is refused here that SageMaker would take. */
export const MAX_PAYLOAD_BYTES = 6 * 1024 * 1024;

/** Why so many users are refused, and what they would cost. Undefined: they are not. */
export function tooManyUsers(users: number, maxWorkers: number): string | undefined {
  const workers = Math.ceil(users / MAX_USERS_PER_WORKER);
  return workers <= maxWorkers ? undefined : `${users} users need ${workers} workers of at most ${MAX_USERS_PER_WORKER} users, `
    + `and maxWorkers is ${maxWorkers}: they would cost about ${(workers * FARGATE_WORKER.usdPerHour).toFixed(2)} dollars an hour on Fargate `
    + `(${FARGATE_WORKER.source}), and the endpoint its own price. Ask for fewer users, or raise maxWorkers`;
}

