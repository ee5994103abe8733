import { Schema } from '../../service/validator';
import { invalid } from '../errors';

/** Misbehaviour of an endpoint on request, for tests. The control call is described in server.ts. */
export interface EndpointFault {
  readonly endpointNameContains: string;
  readonly kind: 'CONTAINER_ERROR' | 'THROTTLED' | 'UNAVAILABLE';
  /** What the container answers. Default 500. */
  readonly status?: number;
  readonly message?: string;
  /** Only requests whose body has this. */
  readonly payloadContains?: string;
  /** Only those of a second that are more than this. */
  readonly abovePerSecond?: number;
  readonly times?: number;
  readonly forMs?: number;
}

const SHAPES = {
  EndpointFault: {
    type: 'structure', required: ['endpointNameContains', 'kind'],
    members: {
      endpointNameContains: { shape: 'Text' }, kind: { shape: 'Kind' }, status: { shape: 'Status' }, message: { shape: 'Text' },
      payloadContains: { shape: 'Text' }, abovePerSecond: { shape: 'Rate' }, times: { shape: 'Count' }, forMs: { shape: 'Count' },
    },
  },
  Kind: { type: 'string', enum: ['CONTAINER_ERROR', 'THROTTLED', 'UNAVAILABLE'] },
  Text: { type: 'string' },
  Count: { type: 'integer', min: 1 },
  Rate: { type: 'integer', min: 0 },
  Status: { type: 'integer', min: 400, max: 599 },
};
const FAULT = new Schema<EndpointFault>(SHAPES, 'EndpointFault', invalid);
const SECOND_MS = 1000;

interface Armed {
  readonly fault: EndpointFault;
  left: number;
  readonly until: number;
  second: number;
  inSecond: number;
}

export class EndpointFaults {
  private armed: Armed[] = [];

  /** Throws a ValidationException for anything but a fault. */
  public add(body: unknown): void {
    const fault = FAULT.validated(body);
    const { forMs, times = Infinity } = fault;
    this.armed.push({ fault, left: times, until: forMs === undefined ? Infinity : Date.now() + forMs, second: 0, inSecond: 0 });
  }

  /** What is to become of this request; a fault is used up by asking. */
  public take(endpoint: string, body: Buffer): EndpointFault | undefined {
    const now = Date.now();
    const found = this.armed.find((armed) => {
      const { fault: { endpointNameContains, payloadContains }, left, until } = armed;
      const concerns = left > 0 && now < until && endpoint.includes(endpointNameContains)
        && (payloadContains === undefined || body.includes(payloadContains));
      return concerns && isAbove(armed, now);
    });
    if (found) {
      found.left -= 1;
    }
    return found?.fault;
  }
}

/** Counts the request. */
function isAbove(armed: Armed, now: number): boolean {
  const second = Math.floor(now / SECOND_MS);
  if (armed.second !== second) {
    armed.second = second;
    armed.inSecond = 0;
  }
  armed.inSecond += 1;
  return armed.inSecond > (armed.fault.abovePerSecond ?? 0);
}
