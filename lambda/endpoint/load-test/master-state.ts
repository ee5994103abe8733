import { asRecord, isRecord, PropertyReader, type Properties } from '../../shared/properties';
import { clientFigures, stepErrors } from '../report/parse-run';
import type { ClientFigures, StepErrors } from '../report/run';

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
      id: worker.text('id'), cpuPercent: worker.measure('cpuPercent'), lagMs: worker.measure('lagMs'),
    })),
    progress: progress === undefined ? { requests: 0, failures: 0, errors: [] } : {
      requests: progress.wholeNumber('requests', 0), failures: progress.wholeNumber('failures', 0), errors: progress.objects('errors').map(stepErrors),
    },
    ...(isRecord(measured) ? { measured: parseMeasured(measured) } : {}),
  };
}

function parseMeasured(json: Properties): Measured {
  const reader = new PropertyReader(json, 'master.json: measured.');
  return {
    step: reader.wholeNumber('step', 1),
    users: reader.wholeNumber('users', 1),
    workers: reader.wholeNumber('workers', 0),
    from: reader.text('from'),
    to: reader.text('to'),
    lostWorkers: reader.wholeNumber('lostWorkers', 0),
    client: clientFigures(reader.object('client')),
    failedPayloads: reader.objects('failedPayloads').map((payload) => ({
      name: payload.text('name'), requests: payload.wholeNumber('requests', 0), failures: payload.wholeNumber('failures', 0),
    })),
  };
}
