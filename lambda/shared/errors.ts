import { isRecord } from './properties';

/** The parts of an SDK error that a decision may rest on. */
export interface ServiceError {
  readonly name: string;
  readonly message: string;
  /** HTTP status. Undefined where no answer came. */
  readonly status?: number;
}

/** Reads whatever was thrown, without a cast. */
export function serviceError(error: unknown): ServiceError {
  if (!(error instanceof Error)) {
    return { name: 'Unknown', message: String(error) };
  }
  const metadata: unknown = '$metadata' in error ? error.$metadata : undefined;
  const status = isRecord(metadata) ? metadata.httpStatusCode : undefined;
  return { name: error.name, message: error.message, ...(typeof status === 'number' ? { status } : {}) };
}

/** The work did not succeed now: a later poll goes on. */
export class RetryLater extends Error {
  public constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RetryLater';
  }
}

/** The service's own words, with the error's name: "AccessDeniedException: User: … is not authorized to perform: …". */
export function describeError(error: unknown): string {
  const { name, message } = serviceError(error);
  return error instanceof RetryLater ? message : `${name}: ${message}`;
}

const NOT_FOUND_TEXT = /not found|(?:could not|cannot|can't) find|does not exist|no [\w -]+ with name|(?:device ?fleet|device) with name/i;

/** "Not found" in its three flavours: SageMaker's, IoT's, and a ValidationException that says so in its text. */
export function isNotFound(error: unknown): boolean {
  const { name, message } = serviceError(error);
  return name === 'ResourceNotFound' || name === 'ResourceNotFoundException'
    || (name === 'ValidationException' && NOT_FOUND_TEXT.test(message));
}

/** What a call answers. Undefined where it says that there is nothing. */
export async function ignoringNotFound<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isNotFound(error)) {
      return undefined;
    }
    throw error;
  }
}

/** Deletes an object of S3. S3 does not complain of a missing one. An object whose bucket is gone is gone with it. */
export async function deletingObject(call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (serviceError(error).name !== 'NoSuchBucket') {
      throw error;
    }
  }
}

const THROTTLED = new Set([
  'ThrottlingException', 'Throttling', 'ThrottledException', 'TooManyRequestsException', 'RequestLimitExceeded',
  'RequestThrottled', 'RequestThrottledException', 'SlowDown',
]);
const NO_ANSWER = new RegExp([
  '^(?:TimeoutError|AbortError|RequestTimeout|RequestTimeoutException|NetworkingError)$',
  'ECONN|ENOTFOUND|EPIPE|ETIMEDOUT|EAI_AGAIN|socket hang up',
].join('|'));

/**
 * Whether the same call may succeed later: it was throttled, the service had a fault of its own, or no answer came at all. The call
 * may have been carried out.
 */
export function isTransient(error: unknown): boolean {
  const { name, message, status } = serviceError(error);
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return THROTTLED.has(name) || status === 429 || (status !== undefined && status >= 500)
    || NO_ANSWER.test(name) || NO_ANSWER.test(message) || (typeof code === 'string' && NO_ANSWER.test(code));
}

/** Refused by IAM. */
export function isAccessDenied(error: unknown): boolean {
  const { name } = serviceError(error);
  return name === 'AccessDeniedException' || name === 'AccessDenied' || name === 'UnauthorizedOperation';
}

/**
 * SageMaker cannot use the execution role yet: IAM is eventually consistent, and the service words it as a validation fault
 * ("Could not assume role …", "The role … is invalid", "… role does not exist"). A value that breaks a constraint never heals.
 */
export function isRoleNotReady(error: unknown): boolean {
  const { name, message } = serviceError(error);
  return name === 'ValidationException' && /\brole\b/i.test(message) && !/failed to satisfy constraint/i.test(message)
    && /assume|does not exist|not exist|cannot be found|not found|invalid|not valid|trust|permission|not authorized/i.test(message);
}
