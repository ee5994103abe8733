import type { _Object as StoredObject } from '@aws-sdk/client-s3';
import type { LabelSettings } from '../../../lib/health/private/labels-contract';
import type { Dependencies } from './dependencies';
import { dayOf, Ledger, type State, type Sweep } from './ledger';

/** Devices that are asked for at once: each is a request, and a fleet may have 100,000. */
const AT_ONCE = 16;
/** The clocks of S3 and of this function differ by less. */
const MARGIN_MS = 15 * 60_000;
const NEWLINE = 10;
/** Records of an hour, but not the tensors beside them. */
const RECORDS = /^\d{4}\/\d{2}\/\d{2}\/\d{2}\/[^/]+\.jsonl$/;

/** A file of captures that no search has seen before. */
export interface CaptureFile {
  readonly device: string;
  readonly key: string;
  readonly size: number;
}

/** Finds the files of captures of one model that are new, device by device, and each device's by the time of the inference. */
export class CaptureSearch {
  /** Where the search begins or goes on. */
  public readonly sweep: Sweep;

  private readonly modifiedFrom: number;
  private readonly firstDay: string;

  public constructor(
    private readonly calls: Dependencies, private readonly settings: LabelSettings, private readonly model: string, state: State,
  ) {
    this.sweep = state.sweep ?? { startedAt: calls.now(), device: '', key: '' };
    this.modifiedFrom = (state.since ?? 0) - MARGIN_MS;
    this.firstDay = dayOf(Ledger.horizon({ ...state, sweep: this.sweep }, settings.lateDays, calls.now()));
  }

  /** The prefix of one device's captures of the model, with a slash at its end. */
  public folder(device: string): string {
    const { capturePrefix, fleetName } = this.settings;
    return `${capturePrefix}/${device}/${fleetName}/${this.model}/`;
  }

  public async* files(): AsyncGenerator<CaptureFile> {
    let group: string[] = [];
    for await (const device of this.devices()) {
      group.push(device);
      if (group.length === AT_ONCE) {
        yield* this.filesOf(group);
        group = [];
      }
    }
    yield* this.filesOf(group);
  }

  private async* devices(): AsyncGenerator<string> {
    const Prefix = `${this.settings.capturePrefix}/`;
    let ContinuationToken: string | undefined;
    do {
      const page = await this.calls.listObjects({ Bucket: this.settings.captureBucket, Prefix, Delimiter: '/', ContinuationToken });
      const names = (page.CommonPrefixes ?? []).map((each) => (each.Prefix ?? '').slice(Prefix.length, -1));
      yield* names.filter((name) => name !== '' && name >= this.sweep.device);
      ContinuationToken = page.NextContinuationToken;
    } while (ContinuationToken !== undefined);
  }

  private async* filesOf(devices: readonly string[]): AsyncGenerator<CaptureFile> {
    const pages = await Promise.all(devices.map(async (device) => ({ device, page: await this.page(device) })));
    for (const { device, page: first } of pages) {
      let page = first;
      for (;;) {
        yield* (page.Contents ?? []).filter((object) => this.isNew(device, object)).map(({ Key = '', Size = 0 }) => ({ device, key: Key, size: Size }));
        if (page.NextContinuationToken === undefined) {
          break;
        }
        page = await this.page(device, page.NextContinuationToken);
      }
    }
  }

  private async page(device: string, ContinuationToken?: string): ReturnType<Dependencies['listObjects']> {
    const Prefix = this.folder(device);
    const isResumed = device === this.sweep.device && this.sweep.key !== '';
    return this.calls.listObjects({
      Bucket: this.settings.captureBucket, Prefix, ContinuationToken, StartAfter: isResumed ? this.sweep.key : `${Prefix}${this.firstDay}`,
    });
  }

  private isNew(device: string, { Key = '', LastModified }: StoredObject): boolean {
    return RECORDS.test(Key.slice(this.folder(device).length)) && (LastModified?.getTime() ?? this.modifiedFrom) >= this.modifiedFrom;
  }
}

/** A line, and which one it is. */
interface Line {
  readonly number: number;
  readonly line: string;
}

/** The lines of a file, one at a time. */
export async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<Line> {
  let number = 0;
  let line: Uint8Array[] = [];
  for await (const chunk of body) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      number += 1;
      yield { number, line: textOf([...line, chunk.subarray(start, end)]) };
      line = [];
      start = end + 1;
    }
    line.push(chunk.subarray(start));
  }
  const last = textOf(line);
  if (last !== '') { // a file that somebody else has written
    yield { number: number + 1, line: last };
  }
}

function textOf(parts: readonly Uint8Array[]): string {
  return Buffer.concat(parts).toString('utf8');
}
