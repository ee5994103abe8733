import type { SimulatedTime } from '../../cloudformation/time';
import { invocation } from '../../cloudformation/handler-function';

/** A call of a handler's that goes wrong. */
export interface Fault {
  readonly operation: string;
  readonly kind: 'throttled' | 'denied' | 'lost' | 'killed';
  /** For `throttled` and `denied`: the clock's time from which it heals. */
  readonly until?: number;
  /** For `lost` and `killed`, which come after the call was carried out: how many are left. */
  times?: number;
}

export function fail(name: string, message: string, httpStatusCode = 400): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode } });
}

const ATTEMPTS = 12;
const throttled = () => fail('ThrottlingException', 'Rate exceeded', 429);
const lost = () => Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });

/** How a handler reaches a service: the SDK's twelve attempts, half of whose waiting is by chance, and what goes wrong on the way. */
export class Line {
  public readonly faults: Fault[] = [];
  /** Milliseconds until a call is carried out. */
  public latency = 20;
  public constructor(private readonly time: SimulatedTime) {}

  public async call<T>(operation: string, work: () => T): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      await this.time.sleep(this.latency);
      const { answer, error } = this.once(operation, work);
      if (answer !== undefined) {
        return answer.value;
      }
      if (error === undefined) { // the caller is dead
        return new Promise<T>(() => undefined);
      }
      if (attempt === ATTEMPTS || (error.name !== 'ThrottlingException' && !('code' in error))) {
        throw error;
      }
      await this.time.sleep(Math.min(20_000, 500 * 2 ** attempt) / 2);
    }
  }

  private once<T>(operation: string, work: () => T): { answer?: { value: T }; error?: Error } {
    const fault = this.faults.find(
      (each) => each.operation === operation && (each.until === undefined ? (each.times ?? 0) > 0 : this.time.now < each.until),
    );
    if (fault?.kind === 'throttled') {
      return { error: throttled() };
    }
    if (fault?.kind === 'denied') {
      return { error: fail('AccessDeniedException', `not authorized to perform: iot:${operation}`, 403) };
    }
    if (fault) {
      fault.times = (fault.times ?? 0) - 1;
    }
    try {
      const value = work();
      if (fault?.kind === 'killed') {
        invocation.getStore()?.kill();
        return {};
      }
      return fault ? { error: lost() } : { answer: { value } };
    } catch (error) {
      return { error: error instanceof Error ? error : new Error(String(error)) };
    }
  }
}
