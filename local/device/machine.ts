import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { errorText } from '../service/errors';
import type { RunningServer } from '../service/http-server';
import type { MachineVariables } from './user-data';

const STOP_MS = 45_000;
const RESTART_MS = 1_000;
const SUPERSEDED = 75;

export interface MachineOptions {
  readonly instanceId: string;
  readonly variables: MachineVariables;
  readonly metadata: RunningServer;
  /** S3 as the machine's role. */
  readonly s3: S3Client;
  /** Its disk. */
  readonly root: string;
  /** Where its sockets are; short. */
  readonly run: string;
  readonly logFile: string;
  /** For the bootstrap, and by it for the agent. */
  readonly environment: NodeJS.ProcessEnv;
  readonly caFile: string;
}

/**
 * What plays an EC2 instance: a folder for its disk and, instead of its systemd, a loop that fetches the bootstrap that
 * the manifest names and runs it.
 */
export class Machine {
  public readonly socket: string;
  private child: ChildProcess | undefined;
  private stopping = false;
  private readonly ended: Promise<void>;

  public constructor(private readonly options: MachineOptions) {
    this.socket = path.join(options.run, 'agent.sock');
    for (const folder of [options.root, options.run, path.dirname(options.logFile)]) {
      fs.mkdirSync(folder, { recursive: true });
    }
    this.ended = this.loop();
  }

  public get root(): string { return this.options.root; }
  public get instanceId(): string { return this.options.instanceId; }

  /** As an instance shuts down: agents end in order, the disk is gone. Logs stay. */
  public async stop(): Promise<void> {
    this.stopping = true;
    const child = this.child;
    child?.kill('SIGTERM');
    const patience = setTimeout(() => {
      child?.kill('SIGKILL');
    }, STOP_MS);
    await this.ended;
    clearTimeout(patience);
    await this.options.metadata.close();
    this.options.s3.destroy();
    for (const folder of [this.options.root, this.options.run]) {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  }

  private async loop(): Promise<void> {
    let complaint = '';
    while (!this.stopping) {
      try {
        await this.fetchBootstrap();
        complaint = '';
        if (await this.runBootstrap() === SUPERSEDED) {
          continue;
        }
      } catch (error) { // usually: there is no manifest yet
        const reason = errorText(error);
        if (reason !== complaint) {
          this.log(`the bootstrap could not be fetched: ${reason}`);
        }
        complaint = reason;
      }
      await sleep(RESTART_MS);
    }
  }

  /** What /usr/local/sbin/sagemaker-edge-fetch does on a real one. */
  private async fetchBootstrap(): Promise<void> {
    const { variables, root } = this.options;
    const manifest: unknown = JSON.parse(await this.read(variables.EDGE_BUCKET, variables.EDGE_MANIFEST_KEY));
    const { uri, sha256 } = (manifest as { bootstrap: { uri: string; sha256: string } }).bootstrap;
    const file = path.join(root, 'bootstrap.js');
    if (fs.existsSync(file) && digest(fs.readFileSync(file)) === sha256) {
      return;
    }
    const { host, pathname } = new URL(uri);
    const content = await this.read(host, decodeURIComponent(pathname.slice(1)));
    if (digest(content) !== sha256) {
      throw new Error(`the SHA-256 of ${uri} is not ${sha256}`);
    }
    fs.writeFileSync(file, content);
  }

  private async read(Bucket: string, Key: string): Promise<string> {
    const { Body } = await this.options.s3.send(new GetObjectCommand({ Bucket, Key }));
    return await Body?.transformToString() ?? '';
  }

  private async runBootstrap(): Promise<number | null> {
    if (this.stopping) {
      return 0;
    }
    const { variables, root, run, environment, metadata, caFile, logFile } = this.options;
    const log = fs.openSync(logFile, 'a');
    const child = spawn(process.execPath, [path.join(root, 'bootstrap.js')], {
      cwd: root, stdio: ['ignore', log, log],
      env: {
        ...environment, ...variables, EDGE_ROOT: root, EDGE_RUN: run, EDGE_ROOT_CA_FILE: caFile, EDGE_POLL_SECONDS: '1',
        EDGE_AGENT_USER: undefined, // no systemd: agents are processes
        AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.url,
      },
    });
    this.child = child;
    fs.closeSync(log);
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => {
        resolve(code);
      });
    });
  }

  private log(message: string): void { fs.appendFileSync(this.options.logFile, `${JSON.stringify({ message })}\n`); }
}

function digest(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
