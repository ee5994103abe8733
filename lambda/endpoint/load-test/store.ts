import { serviceError } from '../../shared/errors';
import { isRecord } from '../../shared/properties';
import { parseRun, parseStep } from '../report/parse-run';
import type { Run, Step } from '../report/run';
import type { ObjectCalls, StoredText } from './dependencies';
import { parseMaster, type MasterState } from './master-state';
import { LoadTestProblem } from './problem';
import type { Control, State } from './state';

const LOCK = 'lock.json';

/** Who holds the only place to run. */
interface Lock {
  readonly executionArn: string;
  readonly runId: string;
}

/** The objects of a run in the results bucket, each with one writer: the master writes `master.json`, the controller all others. */
export class Store {
  private readonly folder: string;

  public constructor(private readonly objects: ObjectCalls, private readonly bucket: string, runId: string) {
    this.folder = `runs/${runId}`;
  }

  public uri(name: string): string {
    return `s3://${this.bucket}/${this.folder}/${name}`;
  }

  public async state(): Promise<State | undefined> {
    const found = await this.read(`${this.folder}/state.json`);
    return found === undefined ? undefined : JSON.parse(found.text) as State; // this controller wrote it, by this type
  }

  public async writeState(state: State): Promise<void> {
    await this.write(`${this.folder}/state.json`, JSON.stringify(state));
  }

  public async writeControl(control: Control): Promise<void> {
    await this.write(`${this.folder}/control.json`, JSON.stringify(control));
  }

  /** Undefined: the master has written nothing yet. */
  public async master(): Promise<MasterState | undefined> {
    const found = await this.read(`${this.folder}/master.json`);
    return found === undefined ? undefined : parseMaster(found.text);
  }

  public async run(): Promise<Run | undefined> {
    const found = await this.read(`${this.folder}/run.json`);
    return found === undefined ? undefined : parseRun(found.text, 'run.json');
  }

  public async writeRun(run: Run): Promise<void> {
    await this.write(`${this.folder}/run.json`, JSON.stringify(run, undefined, 2));
  }

  public async steps(count: number): Promise<Step[]> {
    const numbers = Array.from({ length: count }, (_, index) => index + 1);
    const found = await Promise.all(numbers.map((step) => this.read(this.stepKey(step))));
    return found.flatMap((each, index) => each === undefined ? [] : [parseStep(each.text, this.stepKey(index + 1))]);
  }

  public async writeStep(step: Step): Promise<void> {
    await this.write(this.stepKey(step.step), JSON.stringify(step, undefined, 2));
  }

  public async writeReport(report: { readonly json: string; readonly html: string }): Promise<void> {
    await this.write(`${this.folder}/report.json`, report.json);
    await this.write(`${this.folder}/report.html`, report.html, 'text/html; charset=utf-8');
  }

  /**
   * Takes the only place to run. Returns the lock of the run that has it, where `isOver` does not say that its execution has ended.
   * It is one conditional write, so that of two that begin together one fails.
   */
  public async lock(lock: Lock, isOver: (executionArn: string) => Promise<boolean>): Promise<Lock | undefined> {
    const body = JSON.stringify(lock);
    if (await this.writeIf(body, { IfNoneMatch: '*' })) {
      return undefined;
    }
    const found = await this.read(LOCK);
    if (found === undefined) { // the other run has just ended
      return this.lock(lock, isOver);
    }
    const other = parseLock(found);
    if (other.executionArn === lock.executionArn) { // an action that is repeated
      return undefined;
    }
    if (!await isOver(other.executionArn)) {
      return other;
    }
    return await this.writeIf(body, { IfMatch: found.etag }) ? undefined : this.lock(lock, isOver);
  }

  public async holdsLock(executionArn: string): Promise<boolean> {
    const found = await this.read(LOCK);
    return found !== undefined && parseLock(found).executionArn === executionArn;
  }

  public async unlock(executionArn: string): Promise<void> {
    if (await this.holdsLock(executionArn)) {
      await this.objects.deleteObject({ Bucket: this.bucket, Key: LOCK });
    }
  }

  private async writeIf(body: string, condition: { IfNoneMatch: string } | { IfMatch: string }): Promise<boolean> {
    try {
      await this.objects.putObject({ Bucket: this.bucket, Key: LOCK, Body: body, ContentType: 'application/json', ...condition });
      return true;
    } catch (error) {
      const { name, status } = serviceError(error);
      if (name === 'PreconditionFailed' || name === 'ConditionalRequestConflict' || status === 412 || status === 409) {
        return false;
      }
      if (name === 'NoSuchKey' || status === 404) { // with IfMatch, where the lock has just gone
        return false;
      }
      throw error;
    }
  }

  private stepKey(step: number): string {
    return `${this.folder}/steps/${String(step).padStart(2, '0')}.json`;
  }

  private async read(key: string): Promise<StoredText | undefined> {
    try {
      return await this.objects.getText({ Bucket: this.bucket, Key: key });
    } catch (error) {
      if (serviceError(error).name === 'NoSuchKey') {
        return undefined;
      }
      throw error;
    }
  }

  private async write(key: string, body: string, type = 'application/json'): Promise<void> {
    await this.objects.putObject({ Bucket: this.bucket, Key: key, Body: body, ContentType: type });
  }
}

function parseLock({ text }: StoredText): Lock {
  const lock: unknown = JSON.parse(text);
  if (!isRecord(lock) || typeof lock.executionArn !== 'string' || typeof lock.runId !== 'string') {
    throw new LoadTestProblem(`${LOCK} of the results bucket is no lock of a load test: delete it, if no run is going on`);
  }
  return { executionArn: lock.executionArn, runId: lock.runId };
}
