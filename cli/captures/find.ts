import { CliProblem, usageProblem } from '../problem';
import { readRecords, type CaptureRecord } from '../../agent/capture/read/record';
import type { CaptureStore } from './store';

/** For the id: the newest capture. */
export const LATEST = 'latest';
/** Of an id, that no two captures of a folder are likely to share. */
const LEAST_ID = 4;

/** Captures, the newest file first. The names of files begin with a time in UTC, whatever the folder. */
export async function* captures(store: CaptureStore): AsyncGenerator<CaptureRecord> {
  const files = (await store.files()).map((file) => ({ file, name: file.slice(file.lastIndexOf('/') + 1) }));
  for (const { file } of files.sort((a, b) => a.name < b.name ? 1 : -1)) {
    const records = readRecords(file, (await store.read(file)).toString('utf8'));
    yield* records.reverse();
  }
}

/** The capture with this id, or the one whose id begins so. */
export async function findCapture(store: CaptureStore, id: string): Promise<CaptureRecord> {
  if (id !== LATEST && id.length < LEAST_ID) {
    throw usageProblem(`a capture is named by its id, at least ${LEAST_ID} characters of it, or by '${LATEST}', got '${id}'`);
  }
  for await (const capture of captures(store)) {
    if (id === LATEST || capture.id.startsWith(id.toLowerCase())) {
      return capture;
    }
  }
  throw new CliProblem(id === LATEST ? 'there is no capture there' : `there is no capture ${id} there`, ['captures ls shows which there are']);
}
