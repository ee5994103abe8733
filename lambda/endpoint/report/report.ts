import { capacityOf, type Capacity } from './capacity';
import { number } from './format';
import { loadPoints, type ExcludedStep } from './points';
import { priceOf, type NoPrice } from '../../../lib/endpoint/private/prices';
import { costOf, instancesFor, planOf, scalingPolicyOf, type Cost, type Instances, type Plan, type ScalingPolicy } from './sizing';
import { IDLE_CPU, stepThatMetTarget, verdictOf, type Verdict, type VerdictKind } from './verdict';
import { deviceCostPerHour, type DeviceCost } from './device-cost';
import type { AnyRun, EdgeRun, Run } from './run';

/** Of the format of `report.json`. Another number is another format. */
export const REPORT_VERSION = 1;

/** What a report says of one run. */
export interface Analysis<R extends AnyRun> {
  readonly run: R;
  readonly verdict: Verdict;
  /** Of one instance, or of the device. */
  readonly capacity: Capacity;
  /** Steps that do not go into the capacity. */
  readonly excluded: readonly ExcludedStep[];
  readonly plan?: Plan;
  readonly cost: Cost | NoPrice;
}

export interface CloudAnalysis extends Analysis<Run> {
  /** For the target. Undefined: no target, or no capacity was found. */
  readonly instances?: Instances;
  readonly scalingPolicy?: ScalingPolicy;
  readonly inferenceRecommender: { readonly advised: boolean; readonly reason: string };
}

export type EdgeAnalysis = Analysis<EdgeRun>;

/**
 * - `met`: the target was met; without a target: what one instance bears was found
 * - `not-met`: it was not, and what limits is known
 * - `inconclusive`: the run says nothing of it: the client was the limit, it failed, or it ended too early
 */
export type Outcome = 'met' | 'not-met' | 'inconclusive';

/** `report.json`. */
export interface Report {
  readonly version: typeof REPORT_VERSION;
  /** ISO 8601. */
  readonly generatedAt: string;
  readonly passed: boolean;
  readonly outcome: Outcome;
  /** For a pipeline: 0 met, 1 not met, 2 inconclusive. */
  readonly exitCode: 0 | 1 | 2;
  /** The verdict's sentence. */
  readonly summary: string;
  readonly cloud?: CloudAnalysis;
  readonly edge?: EdgeAnalysis;
}

/** The detail of the EventBridge event that the end of a run sends: `source` cdk-sagemaker-edge, `detail-type` Load Test Finished. */
export interface LoadTestFinished {
  readonly version: typeof REPORT_VERSION;
  readonly runId: string;
  readonly endpointName: string;
  /** Absent: the run ended before it was looked up, and the load test was given none. */
  readonly variantName?: string;
  readonly status: Run['status'];
  readonly passed: boolean;
  readonly outcome: Outcome;
  readonly verdict: VerdictKind;
  readonly summary: string;
  /** Of one instance. */
  readonly peakTps?: number;
  readonly targetTps?: number;
  /** That the target needs, each at 60 %. */
  readonly instances?: number;
  /** `s3://…/report.html`. Absent: the run ended before there was anything to report. */
  readonly reportUri?: string;
}

export const EVENT_SOURCE = 'cdk-sagemaker-edge';
export const EVENT_DETAIL_TYPE = 'Load Test Finished';

export interface ReportInput {
  readonly cloud?: Run;
  readonly edge?: EdgeRun;
  readonly now: Date;
  /** USD of one instance an hour, instead of the price that is known here. */
  readonly instanceUsdPerHour?: number;
  /** What the device costs. Undefined: the edge has no cost. */
  readonly device?: DeviceCost;
}

const EXIT_CODES = { 'met': 0, 'not-met': 1, 'inconclusive': 2 } as const satisfies Record<Outcome, number>;
const INCONCLUSIVE: readonly VerdictKind[] = ['client-limited', 'refused', 'failed', 'not-enough-steps', 'limit-not-reached'];

/** The report of a run against an endpoint, of one on a device, or of both. The gate is the endpoint's where there is one. */
export function reportOf({ cloud, edge, now, instanceUsdPerHour, device }: ReportInput): Report {
  const cloudAnalysis = cloud === undefined ? undefined : analyzeCloud(cloud, instanceUsdPerHour);
  const edgeAnalysis = edge === undefined ? undefined : analyzeEdge(edge, device);
  const judged = cloudAnalysis ?? edgeAnalysis;
  if (judged === undefined) {
    throw new Error('a report must have a run against an endpoint or on a device, got none');
  }
  const outcome = outcomeOf(judged);
  return {
    version: REPORT_VERSION,
    generatedAt: now.toISOString(),
    passed: outcome === 'met',
    outcome,
    exitCode: EXIT_CODES[outcome],
    summary: judged.verdict.sentence,
    cloud: cloudAnalysis,
    edge: edgeAnalysis,
  };
}

/** What the event says of a report on an endpoint. */
export function eventOf({ passed, outcome, summary }: Report, cloud: CloudAnalysis, reportUri: string): LoadTestFinished {
  const { run, verdict, capacity, instances } = cloud;
  return {
    version: REPORT_VERSION,
    runId: run.runId, endpointName: run.endpointName, variantName: run.variantName, status: run.status,
    passed, outcome, verdict: verdict.kind, summary,
    peakTps: capacity.peak?.tps, targetTps: run.limits.targetTps, instances: instances?.at60,
    reportUri,
  };
}

/** What the event says of a run that ended before there was anything to report. */
export function eventWithoutReport({ runId, endpointName, variantName, status, summary }: Pick<
  LoadTestFinished, 'runId' | 'endpointName' | 'variantName' | 'status' | 'summary'
>): LoadTestFinished {
  return {
    version: REPORT_VERSION, runId, endpointName, variantName, status, passed: false, outcome: 'inconclusive', verdict: 'failed', summary,
  };
}

export function outcomeOf({ run, verdict }: Analysis<AnyRun>): Outcome {
  if (stepThatMetTarget(run) !== undefined) {
    return 'met';
  }
  if (INCONCLUSIVE.includes(verdict.kind)) {
    return 'inconclusive';
  }
  return run.limits.targetTps === undefined ? 'met' : 'not-met';
}

function analyzeCloud(run: Run, instanceUsdPerHour: number | undefined): CloudAnalysis {
  const loaded = loadPoints(run);
  const capacity = capacityOf(loaded.points, run.limits);
  const plan = planOf(capacity);
  const { targetTps } = run.limits;
  const instances = targetTps === undefined || plan === undefined ? undefined : instancesFor(targetTps, plan, capacity);
  const verdict = verdictOf(run, loaded, capacity);
  return {
    run, verdict, capacity, excluded: loaded.excluded, plan, instances,
    cost: costOf(priceOf(run.instanceType, run.region, instanceUsdPerHour), { plan, capacity, instances }),
    scalingPolicy: plan === undefined ? undefined : scalingPolicyOf(run, plan, capacity),
    inferenceRecommender: inferenceRecommender(verdict, capacity, instances),
  };
}

function analyzeEdge(run: EdgeRun, device: DeviceCost | undefined): EdgeAnalysis {
  const loaded = loadPoints(run);
  const capacity = capacityOf(loaded.points, run.limits);
  const plan = planOf(capacity);
  return {
    run, verdict: verdictOf(run, loaded, capacity), capacity, excluded: loaded.excluded, plan,
    cost: costOf(deviceCostPerHour(device), { plan, capacity }),
  };
}

/** From so many instances on, a larger type may be the better way. */
const MANY_INSTANCES = 4;

/**
 * Whether SageMaker Inference Recommender is the better tool for the next question. It loads several instance types and compares
 * cost, latency and throughput; this run knows one type, and how it behaves under a staircase of load.
 */
function inferenceRecommender({ kind }: Verdict, { peak }: Capacity, instances: Instances | undefined) {
  const cpu = peak?.utilization.cpu;
  const busiest = Math.max(cpu ?? 1, peak?.utilization.gpu ?? 0);
  if (kind === 'memory-full') {
    return { advised: true, reason: 'another instance family is wanted: Inference Recommender loads several types and compares them' };
  }
  if (kind === 'target-met' && busiest < IDLE_CPU) {
    return { advised: true, reason: `the instance is under ${IDLE_CPU * 100} % busy at ${number(peak?.tps ?? 0)} TPS: let Inference Recommender look for a smaller type` };
  }
  if (instances !== undefined && instances.at60 > MANY_INSTANCES) {
    return { advised: true, reason: `${instances.at60} instances are many: let Inference Recommender compare larger types at your latency limit` };
  }
  return { advised: false, reason: 'take Inference Recommender where the question is which instance type; this run answers what one type bears' };
}
