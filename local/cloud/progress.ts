/** Tells the user what goes on. */
export interface Progress {
  /** Announces a step, runs it, and says how long it took. */
  step<T>(what: string, work: () => Promise<T>): Promise<T>;
  note(line: string): void;
}

export class ConsoleProgress implements Progress {
  private readonly began = Date.now();

  public async step<T>(what: string, work: () => Promise<T>): Promise<T> {
    const began = Date.now();
    console.log(`[${seconds(this.began)}] ${what} ...`);
    const result = await work();
    console.log(`[${seconds(this.began)}] ${what}: done in ${seconds(began).trim()}`);
    return result;
  }

  public note(line: string): void {
    console.log(`         ${line}`);
  }
}

/** For tests: says nothing, runs the step. */
export class SilentProgress implements Progress {
  public async step<T>(_what: string, work: () => Promise<T>): Promise<T> {
    return work();
  }

  public note(): void { /* silent */ }
}

function seconds(since: number): string {
  return `${((Date.now() - since) / 1000).toFixed(1)} s`.padStart(6);
}
