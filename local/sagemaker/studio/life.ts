import { setTimeout as sleep } from 'node:timers/promises';

/** How long what SageMaker makes, changes or deletes in Studio stays on its way, in milliseconds. */
export const DEFAULT_MS = 300;

/** What happens between two states, in the background. */
export class Life {
  private readonly closing = new AbortController();
  private readonly running = new Set<Promise<void>>();

  public constructor(private readonly ms = DEFAULT_MS) {}

  public later(work: () => void | Promise<void>): void {
    const ended = this.wait(work).finally(() => {
      this.running.delete(ended);
    });
    this.running.add(ended);
  }

  public async close(): Promise<void> {
    this.closing.abort();
    await Promise.all(this.running);
  }

  private async wait(work: () => void | Promise<void>): Promise<void> {
    const { signal } = this.closing;
    try {
      await sleep(this.ms, undefined, { signal });
    } catch (error) {
      if (signal.aborted) {
        return;
      }
      throw error;
    }
    await work();
  }
}
