import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import * as path from 'node:path';
import { ALLOCATOR } from './allocator';
import type { AgentHost, Generation } from './contracts';
import type { DevicePaths } from './paths';

const STOP_TIMEOUT_MS = 90_000;
const FIRST_RESTART_MS = 500;
const MAX_RESTART_MS = 30_000;
const LAST_WORDS = 2_000;

/** Variables that the agent does not inherit: it gets its credentials by its own certificate. */
const NOT_FOR_THE_AGENT = [
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'AWS_SESSION_TOKEN',
  'AWS_PROFILE',
  'AWS_SHARED_CREDENTIALS_FILE',
  'AWS_EC2_METADATA_SERVICE_ENDPOINT',
];

/** Agents as plain child processes, for the local cloud: no systemd, no user of their own. */
export class ProcessHost implements AgentHost {
  private readonly agents = new Map<string, Running>();

  public constructor(private readonly paths: DevicePaths, private readonly node: string, private readonly environment: NodeJS.ProcessEnv) {}

  public async start(generation: Generation): Promise<void> {
    if (this.agents.has(generation.id)) {
      return;
    }
    for (const folder of [this.paths.data, this.paths.run, path.join(this.paths.root, 'logs')]) {
      await mkdir(folder, { recursive: true });
    }
    const environment = Object.fromEntries(Object.entries(this.environment).filter(([name]) => !NOT_FOR_THE_AGENT.includes(name)));
    environment.AWS_EC2_METADATA_DISABLED = 'true'; // as under systemd, where no packet gets there
    Object.assign(environment, ALLOCATOR);
    const args = [path.join(generation.agentFolder, 'agent.js'), '-a', generation.socket, '-c', generation.configFile];
    const logFile = path.join(this.paths.root, 'logs', `agent-${generation.id}.log`);
    this.agents.set(generation.id, new Running(this.node, args, environment, logFile));
  }

  public async stop(id: string): Promise<void> {
    const agent = this.agents.get(id);
    this.agents.delete(id);
    await agent?.stop();
  }

  public async stopAllBut(id: string | undefined): Promise<void> {
    await Promise.all([...this.agents.keys()].filter((other) => other !== id).map((other) => this.stop(other)));
  }

  public lastWords(id: string): Promise<string> {
    return Promise.resolve(this.agents.get(id)?.words ?? 'none');
  }
}

/** One agent, started again when it ends. */
class Running {
  public words = '';
  private child: ChildProcess;
  private stopping = false;
  private restart: NodeJS.Timeout | undefined;
  private delay = FIRST_RESTART_MS;

  public constructor(
    private readonly node: string,
    private readonly args: readonly string[],
    private readonly environment: NodeJS.ProcessEnv,
    private readonly logFile: string,
  ) {
    this.child = this.spawn();
  }

  public async stop(): Promise<void> {
    this.stopping = true;
    clearTimeout(this.restart);
    if (this.child.exitCode !== null || this.child.signalCode !== null || this.child.pid === undefined) {
      return;
    }
    const exit = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const patience = setTimeout(() => {
      this.child.kill('SIGKILL');
    }, STOP_TIMEOUT_MS);
    await exit;
    clearTimeout(patience);
  }

  private spawn(): ChildProcess {
    const child = spawn(this.node, this.args, { env: this.environment, stdio: ['ignore', 'pipe', 'pipe'] });
    const file = createWriteStream(this.logFile, { flags: 'a' });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        file.write(chunk);
        this.words = `${this.words}${chunk.toString('utf8')}`.slice(-LAST_WORDS);
      });
    }
    child.once('error', (error) => {
      this.words = `${this.words}${error.message}`;
    });
    child.once('close', () => {
      file.end();
      if (this.stopping) {
        return;
      }
      this.restart = setTimeout(() => {
        this.child = this.spawn();
      }, this.delay);
      this.delay = Math.min(this.delay * 2, MAX_RESTART_MS);
    });
    return child;
  }
}
