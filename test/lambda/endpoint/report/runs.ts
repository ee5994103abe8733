import type { ClientFigures, EdgeRun, EdgeStep, EndpointFigures, Run, Step } from '../../../../lambda/endpoint/report/run';

export const CLIENT: ClientFigures = {
  requests: 600, failures: 0, tps: 10, p50Ms: 100, p90Ms: 110, p99Ms: 120, errors: [], workerCpuPercent: 20, workerLagMs: 1,
};

export const ENDPOINT: EndpointFigures = {
  invocations: 600, errors4xx: 0, errors5xx: 0, modelErrors: 0,
  modelLatencyMs: { p50: 90, p90: 95, p99: 99 }, overheadLatencyMs: { p50: 2, p90: 3, p99: 4 },
  cpuPercent: 100, memoryPercent: 30, instancesFrom: 1, instancesTo: 1,
};

interface Changes {
  readonly step?: Partial<Step>;
  readonly client?: Partial<ClientFigures>;
  readonly endpoint?: Partial<EndpointFigures>;
}

/** A quiet step of 60 s on one instance, but for the changes. */
export function step(number: number, users: number, { step: common = {}, client = {}, endpoint = {} }: Changes = {}): Step {
  const from = Date.UTC(2026, 10, 27, 10, 3 * number);
  return {
    step: number, users, workers: 1, from: new Date(from).toISOString(), to: new Date(from + 60_000).toISOString(),
    client: { ...CLIENT, ...client }, endpoint: { ...ENDPOINT, ...endpoint }, notes: [], clientLimited: false, ...common,
  };
}

/** A run of 4 vCPU that ended well, but for the changes. */
export function run(steps: readonly Step[], changes: Partial<Run> = {}): Run {
  return {
    version: 1, kind: 'endpoint', runId: '2026-11-27T10-00-00Z', startedAt: '2026-11-27T10:00:00.000Z', endedAt: '2026-11-27T11:00:00.000Z',
    endpointName: 'recogniser', variantName: 'AllTraffic', region: 'eu-west-1', instanceType: 'ml.m5.xlarge', instances: 1, vcpus: 4,
    payloads: { count: 1, bytes: 2000 }, contentType: 'application/json', limits: { errorPercent: 1, maxUsers: 100 },
    plan: { users: steps.map(({ users }) => users), settleSeconds: 60, holdSeconds: 60 }, status: 'SUCCEEDED', steps, ...changes,
  };
}

/** A quiet step of a device, but for the changes. */
export function edgeStep(number: number, users: number, client: Partial<ClientFigures> = {}, changes: Partial<EdgeStep> = {}): EdgeStep {
  const { step: count, workers, from, to, notes, clientLimited } = step(number, users);
  return {
    step: count, users, workers, from, to, notes, clientLimited, client: { ...CLIENT, ...client },
    device: { agentCpuPercent: 90, machineCpuPercent: 110, memoryPercent: 40 }, ...changes,
  };
}

/** A run on a device of 2 cores that ended well, but for the changes. */
export function edgeRun(steps: readonly EdgeStep[], changes: Partial<EdgeRun> = {}): EdgeRun {
  const { runId, startedAt, endedAt, payloads, contentType, limits, plan, status } = run([]);
  return {
    version: 1, kind: 'edge', runId, startedAt, endedAt, payloads, contentType, limits, status, steps,
    plan: { ...plan, users: steps.map(({ users }) => users) },
    deviceName: 'gate-1', modelName: 'recogniser', hardware: { cpu: 'Test CPU', cores: 2, memoryMiB: 4096, architecture: 'x64' }, ...changes,
  };
}
