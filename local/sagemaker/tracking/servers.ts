import { MlflowProcess, type MlflowOptions, type MlflowSpec } from './mlflow-process';

interface Running { readonly stopping: AbortController; readonly started: Promise<MlflowProcess> }

/** The servers behind apps and tracking servers, by ARN. A cloud without the packages of experiments has none. */
export class MlflowServers {
  private readonly servers = new Map<string, Running>();

  public constructor(private readonly options: MlflowOptions | undefined) {}

  /** Whether there is a server behind each app. */
  public get run(): boolean {
    return this.options !== undefined;
  }

  /** Returns when the server answers. Throws an Error that says why it does not. */
  public async start(arn: string, spec: MlflowSpec): Promise<void> {
    const { options } = this;
    if (options === undefined) {
      return;
    }
    const stopping = new AbortController();
    const running: Running = { stopping, started: MlflowProcess.start(options, spec, stopping.signal) };
    this.servers.set(arn, running);
    try {
      await running.started;
    } catch (error) {
      if (this.servers.get(arn) === running) {
        this.servers.delete(arn);
      }
      throw error;
    }
  }

  /** Undefined for one that is not there. */
  public async get(arn: string): Promise<MlflowProcess | undefined> {
    return this.servers.get(arn)?.started;
  }

  /** Ends it, also one that is about to start. */
  public async stop(arn: string): Promise<void> {
    const running = this.servers.get(arn);
    this.servers.delete(arn);
    await ended(running);
  }

  public async close(): Promise<void> {
    const all = [...this.servers.values()];
    this.servers.clear();
    await Promise.all(all.map(ended));
  }
}

async function ended(running: Running | undefined): Promise<void> {
  running?.stopping.abort();
  const server = await running?.started.catch(() => undefined); // whoever has started it has the reason; nothing of it runs
  await server?.stop();
}
