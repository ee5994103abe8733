import { Schema } from '../../service/validator';
import { invalid } from '../errors';

/** How much one instance of an endpoint bears, as a test or a sample declares it. The control call is described in server.ts. */
export interface Capacity {
  readonly endpointNameContains: string;
  /** Requests that an instance works on at once. */
  readonly concurrency: number;
  /** How long it works on each. */
  readonly serviceMs: number;
  /** Requests that may wait for an instance. Default 100. One more is refused. */
  readonly queue?: number;
  /** CPU of an instance that is full, in percent of all its cores. Default 100; a container with too few workers has less. */
  readonly cpuPercent?: number;
  /** Default 40. */
  readonly memoryPercent?: number;
}

const SHAPES = {
  Capacity: {
    type: 'structure', required: ['endpointNameContains', 'concurrency', 'serviceMs'],
    members: {
      endpointNameContains: { shape: 'Text' }, concurrency: { shape: 'Count' }, serviceMs: { shape: 'Milliseconds' },
      queue: { shape: 'Queue' }, cpuPercent: { shape: 'Percent' }, memoryPercent: { shape: 'Percent' },
    },
  },
  Text: { type: 'string' },
  Count: { type: 'integer', min: 1, max: 10_000 },
  Milliseconds: { type: 'double', min: 0.01, max: 60_000 },
  Queue: { type: 'integer', min: 0 },
  Percent: { type: 'double', min: 0, max: 100 },
};
const CAPACITY = new Schema<Capacity>(SHAPES, 'Capacity', invalid);

const DEFAULT_QUEUE = 100;

/** The capacities that were declared; of several that fit an endpoint's name, the last one counts. */
export class Capacities {
  private declared: Capacity[] = [];

  /** Throws a ValidationException for anything but a capacity. */
  public declare(body: unknown): void {
    const capacity = CAPACITY.validated(body);
    const others = this.declared.filter(({ endpointNameContains }) => endpointNameContains !== capacity.endpointNameContains);
    this.declared = [...others, capacity];
  }

  public of(endpoint: string): Capacity | undefined {
    return this.declared.findLast(({ endpointNameContains }) => endpoint.includes(endpointNameContains));
  }
}

/** When a request is worked on. Milliseconds of the clock that was given. */
export interface Turn { readonly startsAt: number; readonly endsAt: number }

/**
 * The workers of one instance, by the clock alone: nothing computes, so that the declared capacity is the limit and not
 * the machine that this runs on.
 */
export class Workers {
  private readonly freeAt: number[] = [];
  /** Starts of those that wait, the next one first. */
  private waiting: number[] = [];

  /** Undefined when the queue is full. */
  public take(now: number, { concurrency, serviceMs, queue = DEFAULT_QUEUE }: Capacity): Turn | undefined {
    this.waiting = this.waiting.filter((startsAt) => startsAt > now);
    while (this.freeAt.length < concurrency) {
      this.freeAt.push(0);
    }
    this.freeAt.length = concurrency;
    const next = this.freeAt.indexOf(Math.min(...this.freeAt));
    const startsAt = Math.max(now, this.freeAt[next] ?? 0);
    if (startsAt > now) {
      if (this.waiting.length >= queue) {
        return undefined;
      }
      this.waiting.push(startsAt);
    }
    const endsAt = startsAt + serviceMs;
    this.freeAt[next] = endsAt;
    return { startsAt, endsAt };
  }

  /** Requests that are worked on or wait. */
  public outstanding(now: number): number {
    return this.freeAt.filter((at) => at > now).length + this.waiting.filter((startsAt) => startsAt > now).length;
  }
}
