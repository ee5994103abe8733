import { Duplex } from 'node:stream';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ServerInterceptingCall, status, type ServerInterceptor } from '@grpc/grpc-js';

/** Before each message: whether it is compressed, and its length. */
const MESSAGE_HEAD = 5;
/** Memory is given back once so many bytes were in use, and requests have paused for so long. */
const WORTH_COLLECTING_BYTES = 64 * 2 ** 20;
const QUIET_MS = 500;

export interface RequestBudgetOptions {
  /** Bytes of all requests that arrive or are answered. */
  readonly maxBytes: number;
  /** What a compressed request counts: how much it unpacks to is known at its end alone. */
  readonly compressedBytes: number;
  /** Frees the memory of requests that have ended. */
  readonly collect?: () => void;
}

/**
 * Bounds the memory of requests. gRPC keeps each request until it is whole, and has a limit for one request alone: many
 * at once would take all of the memory, also those that are refused in the end.
 */
export class RequestBudget {
  private used = 0;
  private most = 0;
  private quiet: NodeJS.Timeout | undefined;

  public constructor(private readonly options: RequestBudgetOptions) {}

  /** Bytes of the requests that are here now. */
  public get usedBytes(): number {
    return this.used;
  }

  /** Counts each request by the length that goes before it. One beyond the budget gets RESOURCE_EXHAUSTED at once. */
  public readonly interceptor: ServerInterceptor = (_, call) => {
    // @grpc/grpc-js 1.14 shows an interceptor whole messages: its call's own stream is listened to instead. Where a later
    // version lacks it, nothing is bounded. A test sees it.
    const stream: unknown = Reflect.get(call, 'stream');
    if (stream instanceof Duplex) {
      this.watch(stream, (details) => {
        call.sendStatus({ code: status.RESOURCE_EXHAUSTED, details });
      });
    }
    return new ServerInterceptingCall(call);
  };

  private watch(stream: Duplex, refuse: (details: string) => void): void {
    let head = Buffer.alloc(0);
    let taken = 0;
    stream.on('data', (chunk: Buffer) => {
      if (head.length === MESSAGE_HEAD) {
        return;
      }
      head = Buffer.concat([head, chunk.subarray(0, MESSAGE_HEAD - head.length)]);
      if (head.length < MESSAGE_HEAD) {
        return;
      }
      const bytes = head.readUInt8(0) === 0 ? head.readUInt32BE(1) : this.options.compressedBytes;
      if (this.used + bytes <= this.options.maxBytes) {
        taken = bytes;
        this.used += bytes;
        this.most = Math.max(this.most, this.used);
        return;
      }
      refuse(`${bytes} bytes more than the ${this.used} of other requests are too many (sagemaker_edge_request_budget_bytes)`);
      setImmediate(() => {
        stream.destroy(); // the client need not send the rest
      });
    });
    stream.once('close', () => {
      this.used -= taken;
      this.planCollection();
    });
  }

  /** Node frees large requests when it needs memory, which may be never. */
  private planCollection(): void {
    if (this.most < WORTH_COLLECTING_BYTES) {
      return;
    }
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => {
      if (this.used < WORTH_COLLECTING_BYTES) {
        this.most = this.used;
        (this.options.collect ?? collectGarbage)();
      }
    }, QUIET_MS);
    this.quiet.unref();
  }
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
}
