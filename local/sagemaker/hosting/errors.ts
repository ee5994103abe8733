import { ServiceError } from '../../service/errors';

/** What a container answered, as SageMaker passes it on. */
export interface ContainerAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** Of the answer to a request whose container did not answer with success. */
const MODEL_ERROR = 424;
const CLIENT_ERRORS_END = 500;

/** Where an endpoint's containers write their logs. */
export function logGroup(endpoint: string): string {
  return `/aws/sagemaker/Endpoints/${endpoint}`;
}

/**
 * A container's failure in the service's words, with the members of its body: see
 * https://github.com/aws/sagemaker-python-sdk/issues/1908 and https://github.com/aws/amazon-sagemaker-examples/issues/1238.
 */
export function modelError(place: { readonly region: string; readonly account: string; readonly partition: string }, endpoint: string, {
  status, body,
}: ContainerAnswer): ServiceError {
  const { region, account, partition } = place;
  const isClients = status < CLIENT_ERRORS_END;
  const original = body.toString('utf8');
  const console = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#logEventViewer:group=${logGroup(endpoint)}`;
  return new ServiceError(
    'ModelError',
    `Received ${isClients ? 'client' : 'server'} error (${status}) from primary with message "${original}". See ${console} in account ${account} for more information.`,
    MODEL_ERROR,
    {
      ErrorCode: isClients ? 'CLIENT_ERROR_FROM_MODEL' : 'INTERNAL_FAILURE_FROM_MODEL',
      LogStreamArn: `arn:${partition}:logs:${region}:${account}:log-group:${logGroup(endpoint)}`,
      OriginalMessage: original,
      OriginalStatusCode: status,
    },
  );
}

/** What SageMaker itself puts in place of an answer that did not come in time. Its status is 0, as the service has it. */
export const TIMED_OUT: ContainerAnswer = {
  status: 0, contentType: 'text/plain',
  body: Buffer.from('Your invocation timed out while waiting for a response from container primary. Review the latency metrics for each container in Amazon CloudWatch, resolve the issue, and try again.'),
};

/** What Triton answers while its queue is full: https://github.com/NVIDIA/NeMo-Retriever/issues/1077. */
export const QUEUE_FULL: ContainerAnswer = {
  status: 503, contentType: 'application/json', body: Buffer.from('{"error":"[request id: <id_unknown>] Exceeds maximum queue size"}'),
};
