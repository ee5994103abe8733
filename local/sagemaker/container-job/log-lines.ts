import { errorText } from '../../service/errors';
import type { LogSink } from '../hosting/contracts';

const EVERY_MS = 500;
const MOST_LINES = 1000;

/** The log of one container in CloudWatch Logs: lines go to its stream, some at a time. Without a group they go nowhere. */
export class LogLines {
  private lines: string[] = [];
  private writing: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;

  public constructor(private readonly sink: LogSink, private readonly group: string | undefined, private readonly stream: string) {
    this.timer = setInterval(() => {
      this.flush();
    }, EVERY_MS);
    this.timer.unref();
  }

  public add(line: string): void {
    this.lines.push(line);
    if (this.lines.length >= MOST_LINES) {
      this.flush();
    }
  }

  public async end(): Promise<void> {
    clearInterval(this.timer);
    this.flush();
    await this.writing;
  }

  private flush(): void {
    const lines = this.lines;
    const { group } = this;
    this.lines = [];
    if (group === undefined || lines.length === 0) {
      return;
    }
    this.writing = this.writing.then(async () => this.sink.write(group, this.stream, lines)).catch((error: unknown) => {
      console.error(`the log of ${this.stream} was not written: ${errorText(error)}`); // the task goes on, as on AWS in mode non-blocking
    });
  }
}
