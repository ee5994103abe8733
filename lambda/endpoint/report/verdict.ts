import { errorPercent, percentOfKind, utilizationOf, utilizationOfDevice, type LoadPoints, type Utilization } from './points';
import { MIN_POINTS } from './knee';
import { number, percent } from './format';
import type { Capacity } from './capacity';
import type { AnyRun, EdgeStep, Step } from './run';

/** What limits, or why nobody knows. */
export type VerdictKind =
  | 'target-met' | 'client-limited' | 'throttled' | 'refused' | 'memory-full' | 'gpu-full' | 'instance-full' | 'container-limited'
  | 'latency-limit' | 'no-metrics' | 'not-enough-steps' | 'limit-not-reached' | 'failed';

export interface Verdict {
  readonly kind: VerdictKind;
  /** One sentence. */
  readonly sentence: string;
  /** What it rests on. */
  readonly evidence: readonly string[];
}

/** The article: an instance at 80–90 % of its CPU is too small. */
export const FULL_CPU = 0.8;
export const FULL_GPU = 0.9;
export const FULL_MEMORY = 0.9;
/** The article: under 30 % a smaller instance does. */
export const IDLE_CPU = 0.3;

interface Case {
  readonly run: AnyRun;
  readonly points: LoadPoints;
  readonly capacity: Capacity;
  /** The step of the highest load. */
  readonly top: Step | EdgeStep;
  readonly use: Utilization;
  /** TPS stops to grow, or errors pass the limit. */
  readonly limited: boolean;
  /** `the instance`, `the device`. */
  readonly what: string;
}

/** The first rule that holds, of these in this order. */
const RULES: readonly ((facts: Case) => Pick<Verdict, 'kind' | 'sentence'> | undefined)[] = [
  targetMet, refused, clientLimited, throttled, memoryFull, gpuFull, instanceFull, noMetrics, containerLimited, latencyLimit, failed,
  notEnoughSteps,
];

export function verdictOf(run: AnyRun, points: LoadPoints, capacity: Capacity): Verdict {
  const repeated = new Set(run.steps.flatMap(({ repeats }) => repeats ?? []));
  const top = (run.steps as readonly (Step | EdgeStep)[]).filter(({ step }) => !repeated.has(step))
    .reduce<Step | EdgeStep | undefined>((highest, step) => step.users >= (highest?.users ?? 0) ? step : highest, undefined);
  if (top === undefined) {
    return { kind: 'failed', sentence: `No step was measured: ${why(run)}.`, evidence: [] };
  }
  const use = run.kind === 'endpoint' ? utilizationOf(top, run) : utilizationOfDevice(top, run.hardware.cores);
  const limited = capacity.knee.kind !== 'none' || errorPercent(top) > run.limits.errorPercent;
  const facts: Case = { run, points, capacity, top, use, limited, what: run.kind === 'endpoint' ? 'the instance' : 'the device' };
  for (const rule of RULES) {
    const verdict = rule(facts);
    if (verdict !== undefined) {
      return { ...verdict, evidence: evidenceOf(facts) };
    }
  }
  return {
    kind: 'limit-not-reached',
    sentence: `The limit was not reached: TPS still grows at ${top.users} users, so that the capacity is at least ${number(top.client.tps)} TPS.`,
    evidence: evidenceOf(facts),
  };
}

/** The step with the highest TPS that met the target within all limits. */
export function stepThatMetTarget({ limits, steps }: AnyRun): Step | EdgeStep | undefined {
  const { targetTps, p99Ms = Infinity, errorPercent: allowed } = limits;
  return targetTps === undefined ? undefined : (steps as readonly (Step | EdgeStep)[]).filter((step) => (
    step.client.tps >= targetTps && errorPercent(step) <= allowed && step.client.p99Ms <= p99Ms
  )).reduce<Step | EdgeStep | undefined>((best, step) => step.client.tps > (best?.client.tps ?? 0) ? step : best, undefined);
}

function targetMet({ run }: Case) {
  const met = stepThatMetTarget(run);
  const { targetTps } = run.limits;
  return met === undefined || targetTps === undefined ? undefined : {
    kind: 'target-met',
    sentence: `The target is met: ${number(met.client.tps)} TPS at ${met.users} users, wanted ${number(targetTps)}, with `
      + `${percent(errorPercent(met) / 100)} errors and p99 ${number(met.client.p99Ms)} ms.`,
  } as const;
}

function refused({ top }: Case) {
  const share = percentOfKind(top, 'refused');
  const first = top.client.errors.find(({ kind }) => kind === 'refused');
  return first === undefined || share < 50 ? undefined : {
    kind: 'refused',
    sentence: `The requests are refused (${first.code}): no load, but a wrong payload, content type, name or right. Nothing is said of capacity.`,
  } as const;
}

function clientLimited({ top, what }: Case) {
  return !top.clientLimited ? undefined : {
    kind: 'client-limited',
    sentence: `The client is the limit, not ${what}: at ${top.users} users a worker used ${percent(top.client.workerCpuPercent / 100)} of a core `
      + `and was ${number(top.client.workerLagMs)} ms late. Take more workers.`,
  } as const;
}

function throttled({ run, top }: Case) {
  const share = percentOfKind(top, 'throttled');
  return share === 0 || share <= run.limits.errorPercent ? undefined : {
    kind: 'throttled',
    sentence: `Requests are throttled: ${percent(share / 100)} at ${top.users} users, by a quota and not by ${run.kind === 'edge' ? 'the device' : 'an instance'}'s strength.`,
  } as const;
}

function memoryFull({ limited, use, top, what }: Case) {
  return !limited || (use.memory ?? 0) < FULL_MEMORY ? undefined : {
    kind: 'memory-full', sentence: `Memory is full: ${what} used ${percent(use.memory ?? 0)} of it at ${top.users} users.`,
  } as const;
}

function gpuFull({ limited, use, top }: Case) {
  const full = Math.max(use.gpu ?? 0, use.gpuMemory ?? 0);
  return !limited || full < FULL_GPU ? undefined : {
    kind: 'gpu-full',
    sentence: `The GPU is full: ${percent(use.gpu ?? 0)} of its time and ${percent(use.gpuMemory ?? 0)} of its memory at ${top.users} users.`,
  } as const;
}

function instanceFull({ limited, use, top, what, capacity }: Case) {
  return !limited || (use.cpu ?? 0) < FULL_CPU ? undefined : {
    kind: 'instance-full',
    sentence: `${capitalized(what)} is full: its CPU is at ${percent(use.cpu ?? 0)} at ${top.users} users, and it bears `
      + `${capacity.peak === undefined ? 'no step without errors' : `${number(capacity.peak.tps)} TPS`}.`,
  } as const;
}

function noMetrics({ limited, use, run, top }: Case) {
  return !limited || use.cpu !== undefined ? undefined : {
    kind: 'no-metrics',
    sentence: `A limit is reached at ${top.users} users, but ${run.kind === 'endpoint' ? 'CloudWatch had no figures' : '/proc could not be read'}: what is full is not known.`,
  } as const;
}

function containerLimited({ limited, use, top }: Case) {
  return !limited ? undefined : {
    kind: 'container-limited',
    sentence: `The container or the model is the limit: TPS stops or errors come at ${top.users} users, while the CPU is at ${percent(use.cpu ?? 0)} only. `
      + 'Look at its number of workers and threads, and at what it waits for.',
  } as const;
}

function latencyLimit({ run, top }: Case) {
  const { p99Ms } = run.limits;
  return p99Ms === undefined || top.client.p99Ms <= p99Ms ? undefined : {
    kind: 'latency-limit',
    sentence: `p99 passes its limit first: ${number(top.client.p99Ms)} ms at ${top.users} users, allowed ${number(p99Ms)} ms, while TPS still grows.`,
  } as const;
}

function failed({ run }: Case) {
  return run.status === 'SUCCEEDED' || run.status === 'RUNNING' ? undefined : {
    kind: 'failed', sentence: `The run ended before a limit was found: ${why(run)}.`,
  } as const;
}

function notEnoughSteps({ points: { points, excluded } }: Case) {
  return points.length >= MIN_POINTS ? undefined : {
    kind: 'not-enough-steps',
    sentence: `Too few steps for an answer: ${points.length} of ${points.length + excluded.length} count, ${MIN_POINTS} are needed.`,
  } as const;
}

function evidenceOf({ run, top, use, capacity, points }: Case): string[] {
  const errors = errorPercent(top);
  return [
    `highest load: step ${top.step}, ${top.users} users, ${number(top.client.tps)} TPS, ${percent(errors / 100)} errors`,
    ...use.cpu === undefined ? [] : [`CPU ${percent(use.cpu)}, memory ${percent(use.memory ?? 0)}${use.gpu === undefined ? '' : `, GPU ${percent(use.gpu)}`}`],
    ...evidenceOfKnee(capacity, run.kind === 'endpoint' ? ' of an instance' : ''),
    `client: the busiest worker at ${percent(top.client.workerCpuPercent / 100)} of a core, ${number(top.client.workerLagMs)} ms late`,
    ...top.client.errors.map(({ code, count, message }) => `${count} × ${code}: ${message}`),
    ...points.excluded.map(({ step, reason }) => `step ${step} does not count: ${reason}`),
    ...run.status === 'SUCCEEDED' ? [] : [`the run: ${why(run)}`],
  ];
}

function evidenceOfKnee({ knee }: Capacity, each: string): string[] {
  const latency = (grows: boolean): string => grows ? 'latency grows after it' : 'latency does not grow after it: requests are turned away or not sent';
  switch (knee.kind) {
    case 'found': return [`knee: ${number(knee.tps)} TPS at ${number(knee.users)} users${each}; ${latency(knee.latencyGrows)}`];
    case 'before-first-step': return [`knee at or below the first step: ${number(knee.tps)} TPS at ${number(knee.users)} users${each}; ${latency(knee.latencyGrows)}`];
    case 'none': return [`no knee: ${knee.reason}`];
  }
}

function why({ status, reason }: AnyRun): string {
  return reason === undefined ? status : `${status}, ${reason}`;
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
