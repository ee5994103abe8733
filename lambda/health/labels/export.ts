import { LABELS_READY, LABELS_SECONDS, LABELS_SOURCE, type LabelSettings } from '../../../lib/health/private/labels-contract';
import { describeError } from '../../shared/errors';
import { log } from '../../shared/log';
import { CaptureSearch, linesOf, type CaptureFile } from './captures';
import type { Dependencies } from './dependencies';
import { Labels } from './labels';
import { Ledger, type State, type Summary, type Sweep } from './ledger';
import { SkipCounts, SkippedCapture } from './problem';
import { isSelected, parseCapture, reasonOf } from './record';

/** For what comes after the captures: manifest, event and state. */
const RESERVE_MS = 60_000;
/** Nobody runs for longer. */
const LEASE_MS = (LABELS_SECONDS + 60) * 1000;

/** An agent's file has at most 32 MiB of captures, which base64 makes longer. */
const MOST_FILE_BYTES = 64 * 2 ** 20;

/** What became of a model's captures in a run. */
export interface Outcome {
  readonly model: string;
  readonly captures: number;
  /** The search has come to its end. The next one finds what has come behind it. */
  readonly isComplete: boolean;
}

/** Exports the captures of all models. A model that fails keeps none of the others from theirs. A repeated run has the same name. */
export async function exportLabels(settings: LabelSettings, run: string, calls: Dependencies): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const failures: string[] = [];
  const models = settings.modelNames;
  for (const [index, model] of models.entries()) {
    const share = (calls.remaining() - RESERVE_MS) / (models.length - index);
    const until = calls.now() + share;
    try {
      const outcome = await new ModelExport(settings, model, calls, until).run(run);
      if (outcome !== undefined) {
        outcomes.push(outcome);
      }
    } catch (error) {
      log('the captures of a model were not exported', { model, error: describeError(error) });
      failures.push(`${model}: ${describeError(error)}`);
    }
  }
  if (failures.length > 0) {
    throw new Error(`captures were not exported: ${failures.join('; ')}`);
  }
  return outcomes;
}

class ModelExport {
  private readonly ledger: Ledger;
  private readonly labels: Labels;
  private readonly lines: string[] = [];
  private readonly captures: string[] = [];
  private readonly skips = new SkipCounts();

  public constructor(
    private readonly settings: LabelSettings, private readonly model: string, private readonly calls: Dependencies,
    private readonly until: number,
  ) {
    this.ledger = new Ledger(calls, settings, model);
    this.labels = new Labels(calls, settings);
  }

  /** Undefined where another run goes on. */
  public async run(run: string): Promise<Outcome | undefined> {
    const { model } = this;
    const state = await this.ledger.take(run, LEASE_MS);
    if (state === undefined) {
      log('another run goes on', { model });
      return undefined;
    }
    const runs = await this.ledger.runs(Ledger.horizon(state, this.settings.lateDays, this.calls.now()));
    const announced = new Set(state.announced);
    for (const [name, summary] of runs) {
      if (!announced.has(name)) { // that run came to no end
        await this.announce(summary);
      }
    }
    if (runs.has(run)) { // this run, which was repeated: the next one goes on
      await this.ledger.settle({ ...state, announced: [...runs.keys()] });
      return { model, captures: 0, isComplete: false };
    }
    const search = new CaptureSearch(this.calls, this.settings, model, state);
    const known = new Set([...runs.values()].flatMap(({ captures }) => captures));
    const sweep = await this.collect(search, known);
    if (this.lines.length > 0) {
      const summary = await this.ledger.commit(run, this.lines, { captures: this.captures, skipped: this.skips.list() });
      await this.announce(summary);
      runs.set(run, summary);
    }
    const next: State = sweep === undefined ? { since: search.sweep.startedAt } : { since: state.since, sweep };
    await this.ledger.settle({ ...next, announced: [...runs.keys()] });
    this.tell(sweep === undefined);
    return { model, captures: this.captures.length, isComplete: sweep === undefined };
  }

  private async announce({ manifest, count, captures, skipped }: Summary): Promise<void> {
    const detail = { fleetName: this.settings.fleetName, modelName: this.model, manifest, count, captures: captures.length, skipped };
    const { FailedEntryCount = 0, Entries: [entry] = [] } = await this.calls.putEvents({
      Entries: [{ Source: LABELS_SOURCE, DetailType: LABELS_READY, Detail: JSON.stringify(detail) }],
    });
    if (FailedEntryCount > 0) {
      throw new Error(`EventBridge refused the event of ${manifest}: ${entry?.ErrorCode ?? ''} ${entry?.ErrorMessage ?? ''}`);
    }
  }

  /** Exports until it is enough, or the time is up. Returns where the next run goes on; undefined: there is no more. */
  private async collect(search: CaptureSearch, known: Set<string>): Promise<Sweep | undefined> {
    let { sweep } = search;
    for await (const file of search.files()) {
      if (this.isEnough() || !await this.read(search, file, known)) {
        return sweep;
      }
      sweep = { ...sweep, device: file.device, key: file.key };
    }
    return undefined;
  }

  /** Returns whether the file is done with. */
  private async read(search: CaptureSearch, { device, key, size }: CaptureFile, known: Set<string>): Promise<boolean> {
    const name = { Bucket: this.settings.captureBucket, Key: key };
    if (size > MOST_FILE_BYTES) {
      this.skips.add('TooLarge', `s3://${name.Bucket}/${key}`, `${size} bytes`);
      return true;
    }
    for await (const { number, line } of linesOf(await this.calls.getStream(name))) {
      if (line.trim() === '') {
        continue;
      }
      if (this.isEnough()) {
        return false;
      }
      try {
        await this.take(search.folder(device), device, line, known);
      } catch (error) {
        if (!(error instanceof SkippedCapture)) {
          throw error;
        }
        this.skips.add(error.skip, `s3://${name.Bucket}/${key} line ${number}`, error.message);
      }
    }
    return true;
  }

  private async take(folder: string, device: string, line: string, known: Set<string>): Promise<void> {
    const record = parseCapture(line);
    const id = `${device}/${record.id}`;
    const reason = reasonOf(record);
    if (known.has(id) || !isSelected(this.settings.selection, record.id, reason)) {
      return;
    }
    const selected = { device, folder, model: this.model, record, reason };
    const files = await this.labels.files(selected);
    const metadata = await this.labels.metadata(selected);
    for (const { name, body, contentType } of files) {
      await this.ledger.put(name, body, contentType);
    }
    this.lines.push(...files.map(({ name, input }) => JSON.stringify({ 'source-ref': this.ledger.uri(name), metadata: { ...metadata, input } })));
    this.captures.push(id);
    known.add(id);
  }

  private isEnough(): boolean {
    return this.captures.length >= this.settings.maxPerRun || this.calls.now() >= this.until;
  }

  private tell(isComplete: boolean): void {
    const skipped = this.skips.list();
    log('captures were exported', {
      model: this.model, captures: this.captures.length, lines: this.lines.length, isComplete,
      skipped: skipped.length === 0 ? undefined : JSON.stringify(skipped),
    });
  }
}
