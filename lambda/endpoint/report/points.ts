import type { AnyRun, EdgeStep, Run, Step, StepErrors } from './run';

/** How full one instance (or the device) was: shares of 1, undefined where nobody measured. */
export interface Utilization {
  readonly cpu?: number;
  readonly gpu?: number;
  readonly memory?: number;
  readonly gpuMemory?: number;
}

/** A step that says something of capacity, for one instance (or the device). */
export interface LoadPoint {
  readonly step: number;
  /** Users of the step ÷ instances. */
  readonly users: number;
  /** Successful requests a second ÷ instances. */
  readonly tps: number;
  readonly instances: number;
  /** Of the client. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly errorPercent: number;
  readonly utilization: Utilization;
}

/** A step that says nothing of capacity, and why. */
export interface ExcludedStep {
  readonly step: number;
  readonly reason: string;
}

export interface LoadPoints {
  /** By users of one instance, rising. */
  readonly points: readonly LoadPoint[];
  readonly excluded: readonly ExcludedStep[];
}

/** Which steps of a run say what one instance (or the device) bears. */
export function loadPoints(run: AnyRun): LoadPoints {
  const repeated = new Set(run.steps.flatMap(({ repeats }) => repeats ?? []));
  const points: LoadPoint[] = [];
  const excluded: ExcludedStep[] = [];
  const take = (step: Step | EdgeStep, instances: number | undefined, utilization: Utilization): void => {
    const reason = whyExcluded(step, instances, repeated);
    if (reason === undefined) {
      points.push(pointOf(step, instances ?? 1, utilization));
    } else {
      excluded.push({ step: step.step, reason });
    }
  };
  if (run.kind === 'endpoint') {
    for (const step of run.steps) {
      take(step, instancesOf(step, run), utilizationOf(step, run));
    }
  } else {
    for (const step of run.steps) {
      take(step, 1, utilizationOfDevice(step, run.hardware.cores));
    }
  }
  return { points: points.sort((a, b) => a.users - b.users || a.step - b.step), excluded };
}

/** Failures in percent of all requests of a step. */
export function errorPercent({ client: { requests, failures } }: Pick<Step, 'client'>): number {
  return requests === 0 ? 0 : failures / requests * 100;
}

/** Errors of one kind in percent of all requests of a step. */
export function percentOfKind({ client: { requests, errors } }: Pick<Step, 'client'>, kind: StepErrors['kind']): number {
  const count = errors.filter((error) => error.kind === kind).reduce((sum, error) => sum + error.count, 0);
  return requests === 0 ? 0 : count / requests * 100;
}

/** How full an instance was in a step. */
export function utilizationOf({ endpoint }: Step, { vcpus, gpus }: Pick<Run, 'vcpus' | 'gpus'>): Utilization {
  if (endpoint === undefined) {
    return {};
  }
  const { cpuPercent, memoryPercent, gpuPercent, gpuMemoryPercent } = endpoint;
  return {
    cpu: cpuPercent / (vcpus * 100), // CPUUtilization sums over cores
    memory: memoryPercent / 100,
    ...(gpuPercent === undefined ? {} : { gpu: gpuPercent / (Math.max(1, gpus ?? 1) * 100) }),
    ...(gpuMemoryPercent === undefined ? {} : { gpuMemory: gpuMemoryPercent / (Math.max(1, gpus ?? 1) * 100) }),
  };
}

/** How full the machine of a device was in a step. */
export function utilizationOfDevice({ device }: EdgeStep, cores: number): Utilization {
  return device === undefined ? {} : { cpu: device.machineCpuPercent / (cores * 100), memory: device.memoryPercent / 100 };
}

/** Undefined: nobody knows how many served the step, since the variant scales and CloudWatch says nothing. */
function instancesOf({ endpoint }: Step, { scaling, instances }: Run): number | undefined {
  if (endpoint !== undefined) {
    return endpoint.instancesTo;
  }
  return scaling === undefined ? instances : undefined;
}

function whyExcluded(step: Step | EdgeStep, instances: number | undefined, repeated: ReadonlySet<number>): string | undefined {
  if (repeated.has(step.step)) {
    return 'repeated with more workers';
  }
  if (step.clientLimited) {
    return 'client-limited';
  }
  if (step.client.requests === 0) {
    return 'no request ended';
  }
  if ('endpoint' in step && step.endpoint !== undefined && step.endpoint.instancesFrom !== step.endpoint.instancesTo) {
    return `scaling acted: ${step.endpoint.instancesFrom} → ${step.endpoint.instancesTo} instances`;
  }
  return instances === undefined || instances === 0 ? 'number of instances unknown' : undefined;
}

function pointOf(step: Step | EdgeStep, instances: number, utilization: Utilization): LoadPoint {
  const { tps, p50Ms, p99Ms } = step.client;
  return {
    step: step.step, users: step.users / instances, tps: tps / instances, instances,
    p50Ms, p99Ms, errorPercent: errorPercent(step), utilization,
  };
}
