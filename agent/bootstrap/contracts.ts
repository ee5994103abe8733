/** The dependencies of the bootstrap: S3, Secrets Manager, a place to run the agent, and the agent itself. */

/** An answer about an object that may not have changed. */
export type ObjectState =
  | { readonly state: 'missing' | 'unchanged' }
  | { readonly state: 'changed'; readonly body: Buffer; readonly etag: string };

export interface ObjectStore {
  /**
   * Reads the object, unless its ETag is still `etag`. Without the right to list, S3 answers AccessDenied for a missing
   * object: that is `missing` too.
   */
  readIfChanged(bucket: string, key: string, etag: string | undefined): Promise<ObjectState>;
  write(bucket: string, key: string, text: string): Promise<void>;
  download(bucket: string, key: string, file: string): Promise<void>;
}

export interface SecretStore {
  read(secretArn: string): Promise<string>;
}

/** An agent with everything it needs, in folders that nobody changes any more. */
export interface Generation {
  /** Start of its manifest's hash. */
  readonly id: string;
  /** Holds agent.js. */
  readonly agentFolder: string;
  readonly configFile: string;
  readonly socket: string;
  readonly models: readonly InstalledModel[];
}

export interface InstalledModel {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
}

/** Runs agents: under systemd on a device, as child processes on a developer's machine. */
export interface AgentHost {
  /** Starts the generation's agent and keeps it running. Does nothing if it runs already. */
  start(generation: Generation): Promise<void>;
  /** Stops it and waits: it drains its captures first. */
  stop(id: string): Promise<void>;
  /** Stops agents that another bootstrap left behind. */
  stopAllBut(id: string | undefined): Promise<void>;
  /** Its last output, for a report. */
  lastWords(id: string): Promise<string>;
}

/** A connection to one agent. */
export interface AgentConnection {
  listModels(): Promise<readonly string[]>;
  /** Rejects with an `AgentRefusal`. */
  loadModel(name: string, folder: string): Promise<void>;
  close(): void;
}

export type ConnectAgent = (socket: string) => AgentConnection;

/** What the agent answered instead of doing it. */
export class AgentRefusal extends Error {
  public override readonly name = 'AgentRefusal';

  public constructor(public readonly status: string, details: string) { super(`${status}: ${details}`); }
}

/** Time, so that tests need none. */
export interface Clock {
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** A failure that the report tells in these very words. Trying again at once is of no use. */
export class DeviceError extends Error {
  public override readonly name = 'DeviceError';
}
