import { asRecord, isRecord, PropertyReader, type Properties } from '../../shared/properties';
import { ERROR_KINDS, type ClientFigures, type StepErrors } from '../report/run';

/** What the master writes: `master.json`. */
export interface MasterState {
  readonly state: string;
  /** Why it ended. */
  readonly failure?: string;
  readonly step: number;
  readonly workers: readonly { readonly id: string; readonly cpuPercent: number; readonly lagMs: number }[];
  /** Since the step began. */
  readonly progress: { readonly requests: number; readonly failures: number; readonly errors: readonly StepErrors[] };
  readonly measured?: Measured;
}

/** The hold of a step. */
export interface Measured {
  readonly step: number;
  readonly users: number;
  readonly workers: number;
  readonly from: string;
  readonly to: string;
  readonly lostWorkers: number;
  readonly client: ClientFigures;
  readonly failedPayloads: readonly { readonly name: string; readonly requests: number; readonly failures: number }[];
}

/** Throws, naming the member, unless it is what the master writes. */
export function parseMaster(text: string): MasterState {
  const json = asRecord(JSON.parse(text), 'master.json');
  const reader = new PropertyReader(json, 'master.json: ');
  const failure = reader.optionalText('failure');
  const progress = reader.optionalObject('progress');
  const { measured } = json;
  return {
    state: reader.text('state'),
    ...(failure === undefined ? {} : { failure }),
    step: reader.wholeNumber('step', 0),
    workers: reader.objects('workers').map((worker) => ({
      id: worker.text('id'), cpuPercent: numberOf(worker, 'cpuPercent'), lagMs: numberOf(worker, 'lagMs'),
    })),
    progress: progress === undefined ? { requests: 0, failures: 0, errors: [] } : {
      requests: progress.wholeNumber('requests', 0), failures: progress.wholeNumber('failures', 0), errors: progress.objects('errors').map(errorOf),
    },
    ...(isRecord(measured) ? { measured: parseMeasured(measured) } : {}),
  };
}

function parseMeasured(json: Properties): Measured {
  const reader = new PropertyReader(json, 'master.json: measured.');
  const client = reader.object('client');
  return {
    step: reader.wholeNumber('step', 1),
    users: reader.wholeNumber('users', 1),
    workers: reader.wholeNumber('workers', 0),
    from: reader.text('from'),
    to: reader.text('to'),
    lostWorkers: reader.wholeNumber('lostWorkers', 0),
    client: {
      requests: client.wholeNumber('requests', 0),
      failures: client.wholeNumber('failures', 0),
      tps: numberOf(client, 'tps'),
      p50Ms: numberOf(client, 'p50Ms'),
      p90Ms: numberOf(client, 'p90Ms'),
      p99Ms: numberOf(client, 'p99Ms'),
      errors: client.objects('errors').map(errorOf),
      workerCpuPercent: numberOf(client, 'workerCpuPercent'),
      workerLagMs: numberOf(client, 'workerLagMs'),
    },
    failedPayloads: reader.objects('failedPayloads').map((payload) => ({
      name: payload.text('name'), requests: payload.wholeNumber('requests', 0), failures: payload.wholeNumber('failures', 0),
    })),
  };
}

function errorOf(reader: PropertyReader): StepErrors {
  const text = reader.text('kind');
  const kind = ERROR_KINDS.find((each) => each === text);
  if (kind === undefined) {
    throw new Error(`master.json: the kind of an error must be one of ${ERROR_KINDS.join(', ')}, got ${text}`);
  }
  return {
    kind, code: reader.anyText('code'), count: reader.wholeNumber('count', 1), message: reader.anyText('message'),
    ...(reader.isAbsent('status') ? {} : { status: reader.wholeNumber('status', 0) }),
  };
}

function numberOf(reader: PropertyReader, name: string): number {
  const value = Number(reader.text(name));
  if (!Number.isFinite(value)) {
    throw new Error(`master.json: ${name} must be a number, got ${reader.text(name)}`);
  }
  return value;
}
