import type { RequestLog, RequestLogEntry } from '../../service/contracts';

const EVERY_MS = 1000;
const MOST = 1000;

interface Kind { writtenAt: number; since: number }

/** Invocations in the request log: those of one caller to one endpoint with one outcome have a line a second, with their number. */
export class InvocationLog {
  private readonly kinds = new Map<string, Kind>();

  public constructor(private readonly log: RequestLog) {}

  public append(entry: RequestLogEntry & { readonly input: { readonly EndpointName: string } }): void {
    const { caller, operation, input: { EndpointName }, status, error } = entry;
    const key = [caller, operation, EndpointName, status, error].join(' ');
    if (this.kinds.size >= MOST && !this.kinds.has(key)) {
      this.kinds.clear();
    }
    const kind = this.kinds.get(key) ?? { writtenAt: 0, since: 0 };
    this.kinds.set(key, kind);
    kind.since += 1;
    const now = Date.now();
    if (now - kind.writtenAt < EVERY_MS) {
      return;
    }
    this.log.append({ ...entry, output: { calls: kind.since } });
    kind.writtenAt = now;
    kind.since = 0;
  }
}
