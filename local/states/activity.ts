import { ACCOUNT, PARTITION, REGION } from '../service/account';

/** Tasks of state machines that the emulator's Step Functions cannot do come here, where a worker takes them. */
export const ACTIVITY_NAME = 'LocalIntegrations';
export const ACTIVITY_ARN = `arn:${PARTITION}:states:${REGION}:${ACCOUNT}:activity:${ACTIVITY_NAME}`;

/** What the worker does, as ARNs of integrations end. Everything else is left to the emulator. */
export const INTEGRATIONS = [
  'sagemaker:createProcessingJob.sync', 'sagemaker:createTrainingJob.sync', 'aws-sdk:s3:getObject', 'aws-sdk:s3:putObject',
  'aws-sdk:s3:copyObject', 'aws-sdk:codecommit:getBranch',
] as const;

export type Integration = typeof INTEGRATIONS[number];

/** Undefined for what is left to the emulator. */
export function integrationOf(resource: string): Integration | undefined {
  const [, name] = /^arn:[^:]+:states:::(?<name>.+)$/.exec(resource) ?? [];
  return INTEGRATIONS.find((known) => known === name);
}

/** A task, as the rewritten definition gives it to the worker. */
export interface IntegrationTask {
  /** The ARN of the execution: it leads to the role of the state machine. */
  readonly execution: string;
  readonly integration: Integration;
  /** `Arguments` of the state, or its `Parameters`, evaluated. */
  readonly input: Readonly<Record<string, unknown>>;
  /** `TimeoutSeconds` of the state, evaluated. */
  readonly timeoutSeconds?: number;
}
