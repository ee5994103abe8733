import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from '../../service/errors';
import type { JobDelays } from '../contracts';
import type { JobFault } from '../faults';
import { alreadyOver, forever, JobFailure, timerMs } from '../job';

/** A state that no published model has, for the fault that asks for one. */
const STRANGE = 'Paused';
const TERMINAL: readonly string[] = ['Completed', 'Failed', 'Stopped'];

/** What a training job tells as its secondary status; of a processing job nobody sees it. */
export type Phase =
  'Starting' | 'Downloading' | 'Training' | 'Uploading' | 'Stopping' | 'Completed' | 'Failed' | 'Stopped' | 'MaxRuntimeExceeded';

export interface Transition { readonly phase: Phase; readonly startedAt: number; endedAt?: number }

/** A job whose work is a container's program. Times are milliseconds since 1970. */
export interface ContainerJob {
  readonly name: string;
  readonly createdAt: number;
  readonly transitions: Transition[];
  status: string;
  modifiedAt: number;
  startedAt?: number;
  endedAt?: number;
  reason?: string;
}

export type JobEnd = 'completed' | 'failed' | 'stopped';

/** What a job does. */
export interface ContainerPlan {
  /** Brings the inputs. */
  prepare(): Promise<void>;
  /** Runs the program; ends it when `signal` says so. Returns its exit code. */
  run(signal: AbortSignal): Promise<number>;
  /** Takes the outputs away: all of them only from a job that is completed. */
  finish(end: JobEnd): Promise<void>;
  /** Why a program with this exit code failed. */
  failure(exitCode: number): Promise<string>;
  /** Called once, last. */
  dispose(): Promise<void>;
  readonly maxRuntimeSeconds: number;
  /** What a test wants to happen instead. */
  readonly fault: JobFault | undefined;
}

export function newContainerJob(name: string): ContainerJob {
  const now = Date.now();
  return { name, createdAt: now, modifiedAt: now, status: 'InProgress', transitions: [{ phase: 'Starting', startedAt: now }] };
}

export function phaseOf({ transitions }: ContainerJob): Phase {
  return transitions.at(-1)?.phase ?? 'Starting';
}

/**
 * InProgress (Starting → Downloading → Training → Uploading) → Completed or Failed; Stopping → Stopped on request. A job that
 * runs for longer than it may is Stopped, too, with the secondary status MaxRuntimeExceeded.
 */
export class ContainerJobRunner {
  private readonly closing = new AbortController();
  private readonly running = new Set<Promise<void>>();
  private readonly stops = new Map<ContainerJob, AbortController>();
  private readonly startingMs: number;
  private readonly runningMs: number;

  public constructor({ startingMs = 500, runningMs = 500 }: JobDelays) {
    this.startingMs = startingMs;
    this.runningMs = runningMs;
  }

  public start(job: ContainerJob, plan: ContainerPlan): void {
    const stop = new AbortController();
    this.stops.set(job, stop);
    if (job.status === 'Stopping') {
      stop.abort(); // asked for while the job was being made
    }
    const life = this.live(job, plan, stop.signal).finally(() => {
      this.stops.delete(job);
      this.running.delete(life);
    });
    this.running.add(life);
  }

  /** A second request is as good as the first. */
  public stop(job: ContainerJob, kind: string): void {
    if (TERMINAL.includes(job.status)) {
      throw alreadyOver(job, kind);
    }
    if (job.status !== 'Stopping') {
      enter(job, 'Stopping', 'Stopping');
      this.stops.get(job)?.abort();
    }
  }

  /** Ends all programs; resolves when none is left. */
  public async close(): Promise<void> {
    this.closing.abort();
    await Promise.all(this.running);
  }

  private async live(job: ContainerJob, plan: ContainerPlan, stop: AbortSignal): Promise<void> {
    const limit = new AbortController();
    const signal = AbortSignal.any([stop, limit.signal, this.closing.signal]);
    let timer: NodeJS.Timeout | undefined;
    try {
      await sleep(this.startingMs, undefined, { signal });
      enter(job, 'InProgress', 'Downloading');
      job.startedAt = Date.now();
      timer = setTimeout(() => {
        limit.abort();
      }, timerMs(plan.maxRuntimeSeconds));
      await plan.prepare();
      signal.throwIfAborted();
      enter(job, 'InProgress', 'Training');
      await this.work(plan, signal);
      if (await misbehave(job, plan.fault, signal)) {
        return;
      }
      enter(job, 'InProgress', 'Uploading');
      await plan.finish('completed');
      signal.throwIfAborted();
      close(job, 'Completed', 'Completed');
    } catch (error) {
      if (!this.closing.signal.aborted) {
        await this.end(job, plan, error, { isStopped: stop.aborted, isLate: limit.signal.aborted });
      }
    } finally {
      clearTimeout(timer);
      await plan.dispose().catch((error: unknown) => {
        console.error(`what the job ${job.name} leaves could not be removed: ${errorText(error)}`);
      });
    }
  }

  private async work(plan: ContainerPlan, signal: AbortSignal): Promise<void> {
    const least = sleep(this.runningMs, undefined, { signal }).catch(() => undefined); // the program's own end is waited for
    const exitCode = await plan.run(signal);
    await least;
    signal.throwIfAborted();
    if (exitCode !== 0) {
      throw new JobFailure(await plan.failure(exitCode));
    }
  }

  private async end(job: ContainerJob, plan: ContainerPlan, error: unknown, why: {
    readonly isStopped: boolean; readonly isLate: boolean;
  }): Promise<void> {
    if (!why.isStopped && !why.isLate) {
      const left = await outcome(plan.finish('failed'));
      close(job, 'Failed', 'Failed', [failureText(error), ...left].join('; '));
      return;
    }
    if (!why.isStopped) {
      enter(job, 'Stopping', 'Stopping');
    }
    const left = job.startedAt === undefined ? [] : await outcome(plan.finish('stopped'));
    await sleep(this.startingMs, undefined, { signal: this.closing.signal }).catch(() => undefined); // only closing ends it early
    close(job, 'Stopped', why.isStopped ? 'Stopped' : 'MaxRuntimeExceeded', left.length === 0 ? undefined : left.join('; '));
  }
}

/** Whether the job is over by it. */
async function misbehave(job: ContainerJob, fault: JobFault | undefined, signal: AbortSignal): Promise<boolean> {
  switch (fault?.become) {
    case 'FAILED': throw new JobFailure(fault.reason ?? 'InternalServerError: a fault of the stand-in was asked for');
    case 'STOPPED':
      close(job, 'Stopped', 'Stopped', fault.reason);
      return true;
    case 'STRANGE_STATE':
      job.status = STRANGE;
      return forever(signal);
    case 'NEVER_ENDING': return forever(signal);
    default: return false; // PRESET_FAILED is for packaging jobs
  }
}

function enter(job: ContainerJob, status: string, phase: Phase): void {
  const now = Date.now();
  const last = job.transitions.at(-1);
  if (last) {
    last.endedAt = now;
  }
  job.transitions.push({ phase, startedAt: now });
  job.status = status;
  job.modifiedAt = now;
}

function close(job: ContainerJob, status: string, phase: Phase, reason?: string): void {
  enter(job, status, phase);
  job.endedAt = job.modifiedAt;
  job.reason = reason?.slice(0, 1024);
}

/** The failure of outputs that a job leaves on its way out. */
async function outcome(finishing: Promise<void>): Promise<readonly string[]> {
  try {
    await finishing;
    return [];
  } catch (error) {
    return [failureText(error)];
  }
}

function failureText(error: unknown): string {
  return error instanceof JobFailure ? error.message : `InternalServerError: ${errorText(error)}`;
}
