import { ProcessGroup, type ProcessEnd, type ProcessSpec } from './processes';
import { LocalProblem } from './problem';

/**
 * Everything that one run has started. A signal, or the end of a process that must not end, aborts the step that is
 * under way; `stopAll` ends the processes, youngest first.
 */
export class Session {
  private readonly groups: ProcessGroup[] = [];
  private readonly watched = new Set<ProcessGroup>();
  private readonly aborted: Promise<never>;
  private rejectAborted: (reason: LocalProblem) => void = () => undefined;
  private reason: LocalProblem | undefined;

  /** `changed` is told whenever the list of what runs has changed. */
  public constructor(private readonly changed: (running: readonly ProcessGroup[]) => void = () => undefined) {
    this.aborted = new Promise<never>((_, reject) => {
      this.rejectAborted = reject;
    });
    this.aborted.catch(() => undefined); // whoever waits for a step sees it
  }

  public get isAborted(): boolean {
    return this.reason !== undefined;
  }

  public abort(reason: LocalProblem): void {
    this.reason ??= reason;
    this.rejectAborted(this.reason);
  }

  /** `work`, or the abort if that comes first. */
  public async step<T>(work: () => Promise<T>): Promise<T> {
    if (this.reason) {
      throw this.reason;
    }
    return Promise.race([work(), this.aborted]);
  }

  public async start(spec: ProcessSpec): Promise<ProcessGroup> {
    const group = await ProcessGroup.start(spec);
    this.groups.push(group);
    this.changed(this.groups);
    if (this.reason) {
      await group.stop();
      throw this.reason;
    }
    return group;
  }

  /** Runs a program to its end; its exit code and last lines. */
  public async run(spec: ProcessSpec): Promise<{ readonly code: number; readonly lines: string[] }> {
    const group = await this.start(spec);
    let end: ProcessEnd;
    try {
      end = await this.step(async () => group.ended);
    } finally {
      await this.stop(group); // at an abort before anybody tidies up behind it; else what it has left in its group
    }
    const { code, signal } = end;
    return { code: code ?? (signal === null ? 1 : 128), lines: group.lastLines(40) };
  }

  /** From now on the end of this process aborts the run. */
  public watch(group: ProcessGroup, logFile: string): void {
    this.watched.add(group);
    void group.ended.then(({ code, signal }) => {
      if (!this.watched.has(group)) {
        return;
      }
      this.abort(new LocalProblem(`${group.name} has ended unexpectedly (${signal ?? `exit code ${code ?? 'unknown'}`}). Its last lines:`,
        [...group.lastLines(), `The whole log: ${logFile}`]));
    });
  }

  public async stop(group: ProcessGroup): Promise<void> {
    this.watched.delete(group);
    await group.stop();
    const at = this.groups.indexOf(group);
    if (at < 0) {
      return;
    }
    this.groups.splice(at, 1);
    this.changed(this.groups);
  }

  public async stopAll(): Promise<void> {
    this.watched.clear();
    for (const group of [...this.groups].reverse()) { // one by one out of the list: killAll may come in between
      await this.stop(group);
    }
  }

  /** SIGKILL, now. */
  public killAll(): void {
    this.watched.clear();
    for (const group of this.groups.splice(0)) {
      group.kill();
    }
  }

  /** Lets the processes outlive this one. */
  public release(): void {
    this.watched.clear();
    for (const group of this.groups.splice(0)) {
      group.release();
    }
  }
}
