import type { LabelSettings } from '../../../lib/health/private/labels-contract';
import { serviceError } from '../../shared/errors';
import { isRecord } from '../../shared/properties';
import type { Dependencies } from './dependencies';
import type { Skipped } from './problem';

const DAY_MS = 86_400_000;
const JSON_TYPE = 'application/json';

/** Where a search of all captures is. */
export interface Sweep {
  readonly startedAt: number;
  /** The last one that is done with, or in the midst of which it is. */
  readonly device: string;
  /** Of this device, the last file that is done with. Empty: none. */
  readonly key: string;
}

/** What a run tells the next one. Times are milliseconds since 1970. */
export interface State {
  /** When the last search began that has come to its end: what was uploaded before has been seen. */
  readonly since?: number;
  /** The search that has not come to its end. */
  readonly sweep?: Sweep;
  /** The runs whose events were sent, of those whose captures may come up again. */
  readonly announced?: readonly string[];
  /** The run that goes on. */
  readonly lease?: { readonly run: string; readonly until: number };
}

/** A run that has ended with a manifest. It is written after the manifest, so that a manifest without it does not count. */
export interface Summary {
  readonly manifest: string;
  /** Lines of the manifest. */
  readonly count: number;
  /** `<device>/<id>` of each capture. */
  readonly captures: readonly string[];
  readonly skipped: readonly Skipped[];
}

/** `YYYY/MM/DD/HHMMSSZ`: the name of a run by schedule, whose event has the same time where it is repeated. */
export function scheduledRun(at: number): string {
  const time = new Date(at).toISOString().slice('YYYY-MM-DDT'.length, 'YYYY-MM-DDTHH:MM:SS'.length);
  return `${dayOf(at)}/${time.replaceAll(':', '')}Z`;
}

/** The name of a run by hand: two of one second are two runs, and neither is the repetition of the other. */
export function manualRun(at: number, requestId: string): string {
  return `${scheduledRun(at)}-${requestId}`;
}

/** `YYYY/MM/DD` of a time. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 'YYYY-MM-DD'.length).replaceAll('-', '/');
}

/** The state and the runs of one model, as objects of the output bucket. */
export class Ledger {
  private readonly bucket: string;
  private readonly folder: string;
  private etag: string | undefined;

  public constructor(private readonly calls: Dependencies, { outputBucket, outputPrefix, fleetName }: LabelSettings, model: string) {
    this.bucket = outputBucket;
    this.folder = `${outputPrefix}/${fleetName}/${model}`;
  }

  /** The key of an object of this model. */
  public key(name: string): string {
    return `${this.folder}/${name}`;
  }

  public uri(name: string): string {
    return `s3://${this.bucket}/${this.key(name)}`;
  }

  /** Undefined where another run goes on. */
  public async take(run: string, leaseMs: number): Promise<State | undefined> {
    const state = await this.read();
    const { lease } = state;
    if (lease !== undefined && lease.run !== run && lease.until > this.calls.now()) {
      return undefined;
    }
    const isTaken = await this.writeState({ ...state, lease: { run, until: this.calls.now() + leaseMs } });
    return isTaken ? { ...state, lease: undefined } : undefined;
  }

  /** Ends the run. */
  public async settle(state: State): Promise<void> {
    if (!await this.writeState(state)) {
      throw new Error(`${this.uri('state.json')} was written by another run meanwhile: what this run has exported is not exported again`);
    }
  }

  /** The runs that ended with a manifest, the oldest first: those whose captures may come up again, and those that nobody was told of. */
  public async runs(from: number): Promise<Map<string, Summary>> {
    const runs = new Map<string, Summary>();
    const folder = this.key('manifests/');
    for await (const key of keysOf(this.calls, { Bucket: this.bucket, Prefix: folder, StartAfter: `${folder}${dayOf(from)}` })) {
      const name = /^(.+)\/summary\.json$/.exec(key.slice(folder.length))?.[1];
      if (name !== undefined) {
        const { text } = await this.calls.getText({ Bucket: this.bucket, Key: key });
        runs.set(name, parseSummary(key, text));
      }
    }
    return runs;
  }

  public async commit(run: string, lines: readonly string[], summary: Omit<Summary, 'manifest' | 'count'>): Promise<Summary> {
    const manifest = `manifests/${run}/manifest.jsonl`;
    const whole = { manifest: this.uri(manifest), count: lines.length, ...summary };
    await this.put(manifest, `${lines.join('\n')}\n`, 'application/jsonl');
    await this.put(`manifests/${run}/summary.json`, JSON.stringify(whole), JSON_TYPE);
    return whole;
  }

  public async put(name: string, Body: Buffer | string, ContentType: string): Promise<void> {
    await this.calls.putObject({ Bucket: this.bucket, Key: this.key(name), Body, ContentType });
  }

  /** How far back captures and runs matter. */
  public static horizon(state: State, lateDays: number, now: number): number {
    return Math.min(state.sweep?.startedAt ?? now, state.since ?? now) - lateDays * DAY_MS;
  }

  private async read(): Promise<State> {
    const Key = this.key('state.json');
    // A missing object is refused, not missing, for somebody who may list a prefix alone.
    const { Contents = [] } = await this.calls.listObjects({ Bucket: this.bucket, Prefix: Key });
    if (!Contents.some((object) => object.Key === Key)) {
      this.etag = undefined;
      return {};
    }
    const { text, etag } = await this.calls.getText({ Bucket: this.bucket, Key });
    this.etag = etag;
    return parseState(this.uri('state.json'), text);
  }

  /** One conditional write, so that of two that begin together one fails. */
  private async writeState(state: State): Promise<boolean> {
    const condition = this.etag === undefined ? { IfNoneMatch: '*' } : { IfMatch: this.etag };
    try {
      const answer = await this.calls.putObject({
        Bucket: this.bucket, Key: this.key('state.json'), Body: JSON.stringify(state), ContentType: JSON_TYPE, ...condition,
      });
      this.etag = isRecord(answer) && typeof answer.ETag === 'string' ? answer.ETag : undefined;
      return true;
    } catch (error) {
      const { name, status } = serviceError(error);
      if (name === 'PreconditionFailed' || name === 'ConditionalRequestConflict' || status === 412 || status === 409) {
        return false;
      }
      throw error;
    }
  }
}

/** All pages. */
export async function* keysOf(calls: Pick<Dependencies, 'listObjects'>, input: { Bucket: string; Prefix: string; StartAfter: string }): AsyncGenerator<string> {
  let ContinuationToken: string | undefined;
  do {
    const { Contents = [], NextContinuationToken } = await calls.listObjects({ ...input, ContinuationToken });
    yield* Contents.flatMap(({ Key }) => Key ?? []);
    ContinuationToken = NextContinuationToken;
  } while (ContinuationToken !== undefined);
}

function parseState(uri: string, text: string): State {
  const state: unknown = JSON.parse(text);
  if (!isState(state)) {
    throw new Error(`${uri} is no state of an export: delete it, and the next run begins anew and exports nothing twice`);
  }
  return state;
}

function isState(state: unknown): state is State {
  if (!isRecord(state)) {
    return false;
  }
  const { since, sweep, announced, lease } = state;
  return (since === undefined || typeof since === 'number') && (announced === undefined || Array.isArray(announced))
    && (sweep === undefined || (isRecord(sweep) && typeof sweep.startedAt === 'number' && typeof sweep.device === 'string' && typeof sweep.key === 'string'))
    && (lease === undefined || (isRecord(lease) && typeof lease.run === 'string' && typeof lease.until === 'number'));
}

function parseSummary(key: string, text: string): Summary {
  const summary: unknown = JSON.parse(text);
  if (!isSummary(summary)) {
    throw new Error(`${key} is no summary of a run: delete it, and its captures may be exported again`);
  }
  return summary;
}

function isSummary(summary: unknown): summary is Summary {
  return isRecord(summary) && typeof summary.manifest === 'string' && typeof summary.count === 'number' && Array.isArray(summary.skipped)
    && Array.isArray(summary.captures) && summary.captures.every((capture) => typeof capture === 'string');
}
