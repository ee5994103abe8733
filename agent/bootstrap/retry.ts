import { DeviceError, type Clock } from './contracts';

/** How long to try again. A right that CloudFormation has just granted takes seconds to reach S3. */
export interface RetryOptions {
  readonly clock: Clock;
  readonly totalMs: number;
}

const FIRST_DELAY_MS = 1_000;
const MAX_DELAY_MS = 10_000;

/** S3's and Secrets Manager's names for what no waiting heals. */
const FINAL = new Set(['NoSuchKey', 'NoSuchBucket', 'NotFound', 'ResourceNotFoundException', 'InvalidObjectState', 'DecryptionFailure']);

/** Runs an operation again, with growing pauses, until it succeeds, time is up, or the error is one that stays. */
export async function retried<T>(what: string, operation: () => Promise<T>, { clock, totalMs }: RetryOptions): Promise<T> {
  const end = clock.now() + totalMs;
  for (let delay = FIRST_DELAY_MS; ; delay = Math.min(delay * 2, MAX_DELAY_MS)) {
    try {
      return await operation();
    } catch (error) {
      const reason = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      if ((error instanceof Error && FINAL.has(error.name)) || clock.now() + delay > end) {
        throw new DeviceError(`${what}: ${reason}`);
      }
      await clock.sleep(delay);
    }
  }
}
