import { asRecord, PropertyReader } from '../../shared/properties';
import {
  ERROR_KINDS, RUN_STATUSES, RUN_VERSION, type AnyRun, type ClientFigures, type DeviceFigures, type EdgeRun, type EdgeStep,
  type EndpointFigures, type Latency, type Run, type Step, type StepErrors,
} from './run';

/** A run against an endpoint. Throws, naming the member, unless all members are there and of their type. */
export function parseRun(text: string, what: string): Run {
  const run = parseAnyRun(text, what);
  if (run.kind !== 'endpoint') {
    throw new Error(`${what} must be a run against an endpoint, got one of the device ${run.deviceName}`);
  }
  return run;
}

/** A run on a device. Throws, naming the member, unless all members are there and of their type. */
export function parseEdgeRun(text: string, what: string): EdgeRun {
  const run = parseAnyRun(text, what);
  if (run.kind !== 'edge') {
    throw new Error(`${what} must be a run on a device, got one against the endpoint ${run.endpointName}`);
  }
  return run;
}

/** @param what stands before a member's path in messages: the file or object */
export function parseAnyRun(text: string, what: string): AnyRun {
  const reader = readerOf(text, what);
  const version = reader.wholeNumber('version', 1);
  if (version !== RUN_VERSION) {
    throw new Error(`${what}: wanted a run of version ${RUN_VERSION}, got version ${version}`);
  }
  return reader.choice('kind', ['endpoint', 'edge']) === 'endpoint' ? endpointRun(reader) : edgeRun(reader);
}

/** A step against an endpoint. Throws as {@link parseRun}. */
export function parseStep(text: string, what: string): Step {
  return endpointStep(readerOf(text, what));
}

function readerOf(text: string, what: string): PropertyReader {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`${what} must be JSON: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
  return new PropertyReader(asRecord(json, what), `${what}: `);
}

function endpointRun(reader: PropertyReader): Run {
  const scaling = reader.optionalObject('scaling');
  return {
    kind: 'endpoint',
    ...common(reader),
    endpointName: reader.text('endpointName'),
    variantName: reader.text('variantName'),
    region: reader.text('region'),
    instanceType: reader.text('instanceType'),
    instances: reader.wholeNumber('instances', 0),
    vcpus: reader.wholeNumber('vcpus', 1),
    gpus: reader.isAbsent('gpus') ? undefined : reader.wholeNumber('gpus', 0),
    scaling: scaling === undefined ? undefined : {
      min: scaling.wholeNumber('min', 0),
      max: scaling.wholeNumber('max', 0),
      targetPerInstance: scaling.optionalMeasure('targetPerInstance'),
    },
    steps: reader.objects('steps').map(endpointStep),
  };
}

function edgeRun(reader: PropertyReader): EdgeRun {
  const hardware = reader.object('hardware');
  return {
    kind: 'edge',
    ...common(reader),
    deviceName: reader.text('deviceName'),
    modelName: reader.text('modelName'),
    hardware: {
      cpu: hardware.anyText('cpu'),
      cores: hardware.wholeNumber('cores', 1),
      memoryMiB: hardware.measure('memoryMiB'),
      architecture: hardware.text('architecture'),
    },
    steps: reader.objects('steps').map(edgeStep),
  };
}

function common(reader: PropertyReader) {
  const payloads = reader.object('payloads');
  const limits = reader.object('limits');
  const plan = reader.object('plan');
  return {
    version: RUN_VERSION,
    runId: reader.text('runId'),
    startedAt: reader.time('startedAt'),
    endedAt: reader.isAbsent('endedAt') ? undefined : reader.time('endedAt'),
    payloads: { count: payloads.wholeNumber('count', 0), bytes: payloads.measure('bytes') },
    contentType: reader.text('contentType'),
    limits: {
      targetTps: limits.optionalMeasure('targetTps'),
      p99Ms: limits.optionalMeasure('p99Ms'),
      errorPercent: limits.measure('errorPercent'),
      maxUsers: limits.wholeNumber('maxUsers', 1),
    },
    plan: {
      users: plan.measures('users'),
      settleSeconds: plan.measure('settleSeconds'),
      holdSeconds: plan.measure('holdSeconds'),
    },
    status: reader.choice('status', RUN_STATUSES),
    reason: reader.optionalText('reason'),
  } as const;
}

function endpointStep(reader: PropertyReader): Step {
  const endpoint = reader.optionalObject('endpoint');
  return { ...commonStep(reader), endpoint: endpoint === undefined ? undefined : endpointFigures(endpoint) };
}

function edgeStep(reader: PropertyReader): EdgeStep {
  const device = reader.optionalObject('device');
  return { ...commonStep(reader), device: device === undefined ? undefined : deviceFigures(device) };
}

function commonStep(reader: PropertyReader) {
  return {
    step: reader.wholeNumber('step', 1),
    repeats: reader.isAbsent('repeats') ? undefined : reader.wholeNumber('repeats', 1),
    users: reader.wholeNumber('users', 1),
    workers: reader.wholeNumber('workers', 0),
    from: reader.time('from'),
    to: reader.time('to'),
    client: clientFigures(reader.object('client')),
    notes: reader.textList('notes'),
    clientLimited: reader.flag('clientLimited'),
  };
}

export function clientFigures(reader: PropertyReader): ClientFigures {
  return {
    requests: reader.wholeNumber('requests', 0),
    failures: reader.wholeNumber('failures', 0),
    tps: reader.measure('tps'),
    p50Ms: reader.measure('p50Ms'),
    p90Ms: reader.measure('p90Ms'),
    p99Ms: reader.measure('p99Ms'),
    errors: reader.objects('errors').map(stepErrors),
    workerCpuPercent: reader.measure('workerCpuPercent'),
    workerLagMs: reader.measure('workerLagMs'),
  };
}

export function stepErrors(reader: PropertyReader): StepErrors {
  return {
    kind: reader.choice('kind', ERROR_KINDS),
    code: reader.anyText('code'),
    status: reader.optionalMeasure('status'),
    count: reader.wholeNumber('count', 1),
    message: reader.anyText('message'),
  };
}

function endpointFigures(reader: PropertyReader): EndpointFigures {
  return {
    invocations: reader.measure('invocations'),
    errors4xx: reader.measure('errors4xx'),
    errors5xx: reader.measure('errors5xx'),
    modelErrors: reader.measure('modelErrors'),
    modelLatencyMs: latency(reader.object('modelLatencyMs')),
    overheadLatencyMs: latency(reader.object('overheadLatencyMs')),
    cpuPercent: reader.measure('cpuPercent'),
    memoryPercent: reader.measure('memoryPercent'),
    gpuPercent: reader.optionalMeasure('gpuPercent'),
    gpuMemoryPercent: reader.optionalMeasure('gpuMemoryPercent'),
    instancesFrom: reader.wholeNumber('instancesFrom', 0),
    instancesTo: reader.wholeNumber('instancesTo', 0),
  };
}

function deviceFigures(reader: PropertyReader): DeviceFigures {
  return {
    agentCpuPercent: reader.measure('agentCpuPercent'),
    machineCpuPercent: reader.measure('machineCpuPercent'),
    memoryPercent: reader.measure('memoryPercent'),
  };
}

function latency(reader: PropertyReader): Latency {
  return { p50: reader.measure('p50'), p90: reader.measure('p90'), p99: reader.measure('p99') };
}
