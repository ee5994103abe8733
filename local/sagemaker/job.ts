import { setTimeout as sleep } from 'node:timers/promises';

import { errorText, type ServiceError } from '../service/errors';
import type { JobDelays } from './contracts';
import { invalid } from './errors';
import type { JobFault } from './faults';

/** A state that no published model has, for the fault that asks for one. */
const STRANGE = 'PAUSED';

const TERMINAL: readonly string[] = ['COMPLETED', 'FAILED', 'STOPPED'];

/** The longest time of a timer in milliseconds: Node makes a longer one end at once. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** Why a job failed through its owner's doing. */
export class JobFailure extends Error {}

/** The states and times of a job; what it works on is its owner's. Times are milliseconds since 1970. */
export interface Job {
  readonly name: string;
  readonly createdAt: number;
  status: string;
  modifiedAt: number;
  startedAt?: number;
  endedAt?: number;
  reason?: string;
}

/** What a job does between INPROGRESS and its end. */
export interface JobPlan<R> {
  readonly work: (signal: AbortSignal) => Promise<R>;
  /** Called once, just before COMPLETED, and never for a job that was stopped. */
  readonly complete: (result: R) => void;
  readonly maxRuntimeSeconds?: number;
  /** What a test wants to happen instead. */
  readonly fault?: JobFault;
}

export function newJob(name: string): Job {
  const now = Date.now();
  return { name, createdAt: now, modifiedAt: now, status: 'STARTING' };
}

export function isOver(job: Job): boolean {
  return TERMINAL.includes(job.status);
}

/** STARTING → INPROGRESS → COMPLETED or FAILED; STOPPING → STOPPED on request. */
export class JobRunner {
  private readonly closing = new AbortController();
  private readonly running = new Set<Promise<void>>();
  private readonly stops = new Map<Job, AbortController>();
  private readonly startingMs: number;
  private readonly runningMs: number;

  public constructor({ startingMs = 500, runningMs = 500 }: JobDelays) {
    this.startingMs = startingMs;
    this.runningMs = runningMs;
  }

  public start<R>(job: Job, plan: JobPlan<R>): void {
    const stop = new AbortController();
    this.stops.set(job, stop);
    this.track(this.run(job, plan, stop.signal).finally(() => {
      this.stops.delete(job);
    }));
  }

  /** A second request is as good as the first. */
  public stop(job: Job, kind: string): void {
    if (isOver(job)) {
      throw alreadyOver(job, kind);
    }
    enter(job, 'STOPPING');
    this.stops.get(job)?.abort();
  }

  /** Ends all work; resolves when none is left. */
  public async close(): Promise<void> {
    this.closing.abort();
    await Promise.all(this.running);
  }

  private track(promise: Promise<unknown>): void {
    const ended = promise.then(() => undefined, () => undefined).finally(() => {
      this.running.delete(ended);
    });
    this.running.add(ended);
  }

  private async run<R>(job: Job, plan: JobPlan<R>, stop: AbortSignal): Promise<void> {
    const limit = new AbortController();
    const signal = AbortSignal.any([stop, limit.signal, this.closing.signal]);
    let timer: NodeJS.Timeout | undefined;
    try {
      await sleep(this.startingMs, undefined, { signal });
      enter(job, 'INPROGRESS');
      job.startedAt = Date.now();
      const { maxRuntimeSeconds } = plan;
      if (maxRuntimeSeconds !== undefined) {
        timer = setTimeout(() => {
          limit.abort();
        }, timerMs(maxRuntimeSeconds));
      }
      const work = plan.work(signal);
      this.track(work); // a stopped job does not wait for its work to notice, closing does
      const [result] = await Promise.all([work, sleep(this.runningMs, undefined, { signal })]);
      await this.misbehave(job, plan.fault, signal);
      if (isOver(job)) {
        return;
      }
      plan.complete(result);
      finish(job, 'COMPLETED');
    } catch (error) {
      if (this.closing.signal.aborted) {
        return;
      }
      if (stop.aborted) {
        await sleep(this.startingMs, undefined, { signal: this.closing.signal }).catch(() => undefined); // only closing ends it early
        finish(job, 'STOPPED');
      } else {
        finish(job, 'FAILED', limit.signal.aborted ? timeOut(plan.maxRuntimeSeconds) : failureText(error));
      }
    } finally {
      clearTimeout(timer);
    }
  }

  private async misbehave(job: Job, fault: JobFault | undefined, signal: AbortSignal): Promise<void> {
    switch (fault?.become) {
      case 'FAILED': throw new JobFailure(fault.reason ?? 'ServerError: a fault of the stand-in was asked for');
      case 'STOPPED':
        finish(job, 'STOPPED', fault.reason);
        break;
      case 'STRANGE_STATE':
        enter(job, STRANGE);
        await forever(signal);
        break;
      case 'NEVER_ENDING':
        await forever(signal);
        break;
      default: // PRESET_FAILED is for the packaging job to do
    }
  }
}

/** The service's words for training jobs: https://github.com/awslabs/benchmark-ai/issues/928. Those for other jobs are in no public source. */
export function alreadyOver({ status }: { readonly status: string }, kind: string): ServiceError {
  return invalid(`The request was rejected because the ${kind} is in status ${status}.`);
}

export function timerMs(seconds: number): number {
  return Math.min(seconds * 1000, LONGEST_TIMER);
}

/** Until `signal` ends it. */
export async function forever(signal: AbortSignal): Promise<never> {
  for (;;) {
    await sleep(60_000, undefined, { signal });
  }
}

function enter(job: Job, status: string): void {
  job.status = status;
  job.modifiedAt = Date.now();
}

function finish(job: Job, status: string, reason?: string): void {
  enter(job, status);
  job.endedAt = job.modifiedAt;
  job.reason = reason?.slice(0, 1024);
}

function timeOut(seconds = 0): string {
  return `ClientError: TimeOut: the job ran longer than StoppingCondition.MaxRuntimeInSeconds (${seconds})`;
}

function failureText(error: unknown): string {
  return error instanceof JobFailure ? error.message : `ServerError: ${errorText(error)}`;
}
