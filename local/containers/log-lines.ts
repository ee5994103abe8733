import type { LogSink } from '../sagemaker/hosting/contracts';
import { errorText } from '../service/errors';
import type { ContainerDefinition } from './contracts';

const EVERY_MS = 500;
const MOST_LINES = 1000;

/** The log driver `awslogs` of one container: lines go to its stream, some at a time. */
export class LogLines {
  private readonly group: string | undefined;
  private readonly stream: string;
  private lines: string[] = [];
  private writing: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;

  public constructor(private readonly sink: LogSink, { name, logConfiguration }: ContainerDefinition, taskId: string) {
    const { logDriver, options = {} } = logConfiguration ?? {};
    this.group = logDriver === 'awslogs' ? options['awslogs-group'] : undefined;
    this.stream = [options['awslogs-stream-prefix'], name, taskId].filter((part) => part !== undefined).join('/');
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
