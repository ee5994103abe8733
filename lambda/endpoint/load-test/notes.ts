import type { EndpointFigures } from '../report/run';
import type { Measured } from './master-state';

/** What a reader should know of a step. */
export function notesOf(
  measured: Measured, instances: { readonly from: number; readonly to: number }, endpoint: EndpointFigures | undefined,
): string[] {
  return [
    ...(instances.from === instances.to ? [] : [
      `the number of instances changed from ${instances.from} to ${instances.to} while this step was held (auto scaling, or somebody): its figures are of neither`,
    ]),
    ...(endpoint === undefined ? ['CloudWatch had no figures of this time'] : []),
    ...payloadNotes(measured),
    ...(measured.lostWorkers === 0 ? [] : [`${measured.lostWorkers} of ${measured.workers} workers died in this step: its figures are of the others`]),
  ];
}

/** Errors that belong to some of the payloads are not the endpoint's. */
function payloadNotes({ failedPayloads, client }: Measured): string[] {
  const always = failedPayloads.filter(({ requests, failures }) => failures === requests);
  const failures = always.reduce((total, payload) => total + payload.failures, 0);
  if (always.length === 0 || failures < client.failures || failures === client.requests) {
    return [];
  }
  return [`all ${failures} failures are of ${always.map(({ name }) => name).join(', ')}, of which no request succeeded: see whether the model takes it`];
}
