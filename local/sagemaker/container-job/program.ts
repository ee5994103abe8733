import { randomBytes } from 'node:crypto';
import { ProcessGroup } from '../../cloud/processes';
import { errorText } from '../../service/errors';
import { JobFailure } from '../job';
import type { ContainerJobOptions } from './contracts';
import { LogLines } from './log-lines';
import type { JobRoot } from './root';

/** A job's container: its image, and what is run in it. */
export interface ProgramSpec {
  readonly jobName: string;
  readonly roleArn: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly logGroup: string;
  readonly onLine?: (line: string) => void;
}

/** The program of a container, as a process of this machine. Its log stream is `<job>/algo-1-<time>`, as SageMaker names it. */
export class JobProgram {
  /** Of the credentials; a session's name in IAM. */
  private readonly session = `SageMaker-${randomBytes(8).toString('hex')}`;

  public constructor(private readonly options: ContainerJobOptions, private readonly spec: ProgramSpec) {}

  /** Returns the exit code. On `signal` the process group gets SIGTERM, and SIGKILL three seconds later (on AWS two minutes). */
  public async run(root: JobRoot, signal: AbortSignal): Promise<number> {
    const { jobName, image, roleArn, onLine, logGroup } = this.spec;
    const given = this.options.environment === undefined ? { PATH: process.env.PATH } : await this.options.environment(image, root.home);
    if (given === undefined) {
      throw new JobFailure(`ClientError: Cannot pull the image ${image}: the local cloud has none of this name`);
    }
    const [command = '', ...args] = this.spec.command.map((part) => root.translated(part));
    const lines = this.log(logGroup, jobName);
    let group: ProcessGroup;
    try {
      group = await ProcessGroup.start({
        name: `job ${jobName}`, command, args, cwd: root.home, env: this.environment(given, root, roleArn),
        onLine: (line) => {
          lines?.add(line);
          onLine?.(line);
        },
      });
    } catch (error) {
      await lines?.end();
      throw new JobFailure(`ClientError: the container could not be started: ${errorText(error)}`, { cause: error });
    }
    const stop = (): void => {
      void group.stop();
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) {
      stop();
    }
    const end = await group.ended;
    signal.removeEventListener('abort', stop);
    await group.stop(); // children that outlive the program end with the container
    await lines?.end();
    return end.code ?? (end.signal === 'SIGKILL' ? 137 : 143);
  }

  /** A job that is over has no credentials any more. */
  public async revoke(): Promise<void> {
    await this.options.credentials?.revoke(this.session);
  }

  private environment(
    given: Readonly<Record<string, string | undefined>>, root: JobRoot, roleArn: string,
  ): Record<string, string | undefined> {
    const own = Object.entries(this.spec.environment).map(([name, value]) => [name, root.translated(value)] as const);
    const credentials = this.options.credentials?.grant(this.session, roleArn);
    return { ...given, HOME: root.home, TMPDIR: root.temporary, ...Object.fromEntries(own), ...credentials };
  }

  private log(group: string, jobName: string): LogLines | undefined {
    const { logSink } = this.options;
    return logSink && new LogLines(logSink, group, `${jobName}/algo-1-${Date.now()}`);
  }
}
