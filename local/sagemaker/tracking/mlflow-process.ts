import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProcessGroup } from '../../cloud/processes';
import { Forwarder } from '../../service/forwarder';
import type { Answer } from '../../service/wire';
import type { JobCredentials } from '../container-job/contracts';

/** What MLflow's servers need from around them. */
export interface MlflowOptions {
  /** An interpreter that has `mlflow`. */
  readonly python: string;
  /** For databases and sockets, which go with the servers. It is of this user alone, and short: a socket's path has 107 bytes. */
  readonly folder: string;
  readonly logs: string;
  /** Variables of each server: where the cloud's services are. */
  readonly environment: () => Readonly<Record<string, string | undefined>>;
  readonly credentials: JobCredentials;
  /** How long a server may take until it answers, in milliseconds. Default: ten minutes, for a machine that is busy. */
  readonly readyMs?: number;
}

export interface MlflowSpec { readonly id: string; readonly artifactStoreUri: string; readonly roleArn: string }

const READY_MS = 600_000;
/** MLflow's own settings: it reports to its makers otherwise, and its runner of jobs needs a Redis. */
const QUIET = { MLFLOW_DISABLE_TELEMETRY: 'true', DO_NOT_TRACK: 'true', MLFLOW_SERVER_ENABLE_JOB_EXECUTION: 'false' };
/** MLflow's command, which ends with the process that has started it, however that ends: its input is a pipe from there. */
const PROGRAM = `
import os, runpy, signal, sys, threading
def watch():
    sys.stdin.buffer.read()
    os.killpg(0, signal.SIGKILL)
threading.Thread(target=watch, daemon=True).start()
runpy.run_module("mlflow", run_name="__main__", alter_sys=True)`;

/** A server of MLflow as itself: `mlflow server` with a database of its own. It listens on a socket that only this user can reach. */
export class MlflowProcess {
  private readonly forwarder: Forwarder;

  private constructor(
    private readonly options: MlflowOptions, private readonly spec: MlflowSpec, private readonly group: ProcessGroup,
    private readonly place: { readonly folder: string; readonly session: string; readonly socketPath: string },
  ) {
    this.forwarder = new Forwarder({ socketPath: place.socketPath }, 'the MLflow server');
  }

  /** Returns when it answers. Throws an Error with its last lines if it ends before, and an AbortError where `signal` ends it. */
  public static async start(options: MlflowOptions, spec: MlflowSpec, signal: AbortSignal): Promise<MlflowProcess> {
    const folder = path.join(options.folder, randomBytes(4).toString('hex'));
    const [session, socketPath] = [`Mlflow-${randomBytes(8).toString('hex')}`, path.join(folder, 'mlflow.sock')];
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const group = await ProcessGroup.start({
      name: `MLflow of ${spec.id}`, command: options.python, cwd: folder, holdsInput: true, logFile: path.join(options.logs, `mlflow-${spec.id}.log`),
      // artifacts go from the clients to S3 and back, as with SageMaker: the server gives out their places alone
      args: [
        '-c', PROGRAM, 'server', '--backend-store-uri', `sqlite:///${path.join(folder, 'mlflow.db')}`, '--no-serve-artifacts',
        '--default-artifact-root', spec.artifactStoreUri, '--workers', '1', '--host', '127.0.0.1', '--uvicorn-opts', `--uds ${socketPath}`,
      ],
      env: { ...options.environment(), ...QUIET, ...options.credentials.grant(session, spec.roleArn) },
    });
    const started = new MlflowProcess(options, spec, group, { folder, session, socketPath });
    try {
      await started.ready(signal);
      return started;
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  /** Hands a request on, without the credentials of its caller. */
  public async forward({ method, url, headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>, body: Buffer): Promise<Answer> {
    const kept = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'authorization' && !name.startsWith('x-amz-')));
    return this.forwarder.forward({ method, url, headers: kept }, body);
  }

  /** At once: its database goes with it. */
  public async stop(): Promise<void> {
    this.group.kill();
    await this.group.stop(); // returns when the last of its group has gone
    await this.options.credentials.revoke(this.place.session);
    await rm(this.place.folder, { recursive: true, force: true });
  }

  private async ready(signal: AbortSignal): Promise<void> {
    const { readyMs = READY_MS } = this.options;
    const over = new AbortController();
    const waiting = AbortSignal.any([signal, over.signal, AbortSignal.timeout(readyMs)]);
    const ended = this.group.ended.then(({ code, signal: by }): never => {
      throw new Error(`the MLflow server ended while it started (${by ?? `exit code ${String(code)}`}): ${this.group.lastLines(6).join(' | ')}`);
    });
    const answers = async (): Promise<void> => {
      while (!await this.isHealthy()) {
        await sleep(100, undefined, { signal: waiting });
      }
    };
    ended.catch(() => undefined); // after the race, its end is nobody's surprise: the door says that it is silent
    try {
      await Promise.race([answers(), ended]);
    } catch (error) {
      if (waiting.aborted && !signal.aborted) {
        throw new Error(`the MLflow server did not answer within ${readyMs / 1000} s: ${this.group.lastLines(6).join(' | ')}`, { cause: error });
      }
      throw error;
    } finally {
      over.abort(); // nobody asks a server that has ended
    }
  }

  private async isHealthy(): Promise<boolean> {
    const { status } = await this.forwarder.forward({ method: 'GET', url: '/health', headers: { host: 'localhost' } }, Buffer.alloc(0));
    return status === 200;
  }
}
