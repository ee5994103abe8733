interface Timer {
  readonly at: number;
  readonly wake: () => void;
}

/** Time that passes only when everybody waits: it jumps from timer to timer. */
export class SimulatedTime {
  public now = 1_800_000_000_000;
  private timers: Timer[] = [];
  private readonly waiters = new Set<Promise<unknown>>();

  public sleep(ms: number): Promise<void> {
    return new Promise((wake) => {
      this.timers.push({ at: this.now + ms, wake });
    });
  }

  /** Rejects after `ms`, unless the work ends before: then nobody waits for the limit either. */
  public async limit<T>(work: Promise<T>, ms: number, message: string): Promise<T> {
    return new Promise((resolve, reject) => {
      const wake = (): void => {
        reject(new Error(message));
      };
      const timer = { at: this.now + ms, wake };
      this.timers.push(timer);
      void work.then(resolve, reject).finally(() => {
        this.timers = this.timers.filter((other) => other !== timer);
      });
    });
  }

  /** `run` ends only when this has. */
  public follow(waiter: Promise<unknown>): void {
    this.waiters.add(waiter);
    void waiter.then(() => this.waiters.delete(waiter), () => this.waiters.delete(waiter));
  }

  /** Moves the clock from timer to timer until the work is done and the last waiter has ended. */
  public async run<T>(work: () => Promise<T>): Promise<T> {
    const result = work();
    this.follow(result);
    for (;;) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      if (this.timers.length === 0) {
        if (this.waiters.size > 0) {
          throw new Error('the model waits for nothing');
        }
        return result;
      }
      this.timers.sort((a, b) => a.at - b.at);
      const next = this.timers.shift();
      if (next) {
        this.now = Math.max(this.now, next.at);
        next.wake();
      }
    }
  }
}
