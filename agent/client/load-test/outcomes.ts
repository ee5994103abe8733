import { status } from '@grpc/grpc-js';
import { messageOf } from '../../status';
import { summariseTimes } from '../repeat';
import type { ClientFigures, ErrorKind, StepErrors } from '../../../lambda/endpoint/report/run';

/** What a gRPC code says of a prediction. A code that is missing is the agent's or the model's own fault. */
const KINDS: Readonly<Record<number, ErrorKind | undefined>> = {
  [status.RESOURCE_EXHAUSTED]: 'throttled', // too many wait, or a budget is used up: the agent says to try again
  [status.DEADLINE_EXCEEDED]: 'timeout',
  [status.UNAVAILABLE]: 'connection',
  [status.CANCELLED]: 'connection',
  [status.INVALID_ARGUMENT]: 'refused',
  [status.NOT_FOUND]: 'refused',
  [status.UNIMPLEMENTED]: 'refused',
  [status.FAILED_PRECONDITION]: 'refused',
};

/** Counts how predictions end. */
export class Outcomes {
  private times: number[] = [];
  private errors = new Map<string, StepErrors>();

  /** Forgets what was counted. */
  public reset(): void {
    this.times = [];
    this.errors = new Map();
  }

  public succeeded(milliseconds: number): void {
    this.times.push(milliseconds);
  }

  public failed(error: unknown): void {
    const number = error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : status.UNKNOWN;
    const code = status[number] ?? `${number}`;
    const before = this.errors.get(code);
    this.errors.set(code, before === undefined
      ? { kind: KINDS[number] ?? 'model', code, count: 1, message: messageOf(error) }
      : { ...before, count: before.count + 1 });
  }

  /** What was counted since the reset, so many seconds ago. */
  public figures(seconds: number, client: { readonly cpuPercent: number; readonly lagMs: number }): ClientFigures {
    const { p50, p90, p99 } = summariseTimes(this.times, seconds * 1000);
    const errors = [...this.errors.values()];
    const failures = errors.reduce((sum, { count }) => sum + count, 0);
    return {
      requests: this.times.length + failures, failures, tps: this.times.length / seconds,
      p50Ms: p50, p90Ms: p90, p99Ms: p99, errors, workerCpuPercent: client.cpuPercent, workerLagMs: client.lagMs,
    };
  }
}
