import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AgentCalls } from '../../../agent/client/calls';
import { isRecord } from '../../../agent/config/reader';

const ROOT = resolve(__dirname, '../../..');
/** It goes at the end of the run: jest-teardown.cjs. A deploy suite has none. */
const RUN_FOLDER = process.env.AGENT_TEST_FOLDER ?? tmpdir();

/** The bundle of the agent as it is now, built once for all test files. */
export function agentBundle(): string {
  const hash = createHash('sha256');
  for (const entry of [...readdirSync(join(ROOT, 'agent'), { recursive: true, withFileTypes: true })].filter((candidate) => candidate.isFile())) {
    const path = join(entry.parentPath, entry.name);
    hash.update(`${path} ${statSync(path).mtimeMs}\n`);
  }
  const folder = join(RUN_FOLDER, `cdk-sagemaker-edge-agent-${hash.digest('hex').slice(0, 16)}`);
  if (!existsSync(folder)) {
    const made = `${folder}-${randomUUID()}`;
    execFileSync(process.execPath, ['--import', 'tsx', 'scripts/build-agent.ts', '--out', made, '--arch', process.arch], { cwd: ROOT, stdio: 'pipe' });
    try {
      renameSync(made, folder);
    } catch {
      rmSync(made, { recursive: true, force: true }); // another test file was faster
    }
  }
  return folder;
}

/** A folder for one test; short, as a socket's path lies in it. */
export function scratchFolder(): string {
  return mkdtempSync(join(RUN_FOLDER, 'ag-'));
}

/** Every required key, captures to the disk, no cloud. */
export function baseConfig(folder: string): Record<string, unknown> {
  mkdirSync(join(folder, 'roots'), { recursive: true });
  return {
    sagemaker_edge_core_device_name: 'camera-1',
    sagemaker_edge_core_device_fleet_name: 'fleet-1',
    sagemaker_edge_core_region: 'us-east-1',
    sagemaker_edge_core_root_certs_path: join(folder, 'roots'),
    sagemaker_edge_provider_provider: 'None',
    sagemaker_edge_core_folder_prefix: 'captures/camera-1',
    sagemaker_edge_core_capture_data_destination: 'Disk',
    sagemaker_edge_core_capture_data_disk_path: join(folder, 'disk'),
    sagemaker_edge_core_capture_data_buffer_size: 30,
    sagemaker_edge_core_capture_data_batch_size: 10,
    sagemaker_edge_core_capture_data_push_period_seconds: 1,
    sagemaker_edge_local_data_root_path: join(folder, 'data'),
    sagemaker_edge_metrics_period_seconds: 0,
    sagemaker_edge_log_verbose: true,
  };
}

export interface AgentSettings {
  readonly folder: string;
  /** Replaces and adds keys; `undefined` leaves a key out. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly environment?: NodeJS.ProcessEnv;
  /** The folder that relative paths start from: this process's own otherwise. */
  readonly workingFolder?: string;
}

/** A running agent process. */
export class AgentProcess {
  public static async start(settings: AgentSettings): Promise<AgentProcess> {
    const agent = AgentProcess.spawn(settings);
    await agent.waitForLog('Server listening');
    return agent;
  }

  /** Starts it and does not wait. */
  public static spawn({ folder, config = {}, environment = {}, workingFolder }: AgentSettings): AgentProcess {
    const socketPath = join(folder, 'agent.sock');
    const configFile = join(folder, 'config.json');
    writeFileSync(configFile, JSON.stringify({ ...baseConfig(folder), ...config }));
    const child = spawn(process.execPath, [join(agentBundle(), 'agent.js'), '-a', socketPath, '-c', configFile], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, ...environment },
      cwd: workingFolder,
    });
    return new AgentProcess(child, socketPath);
  }

  public readonly calls: AgentCalls;
  public stdout = '';
  public stderr = '';
  /** The exit code, or the signal's name. */
  public readonly ended: Promise<number | NodeJS.Signals | null>;

  private constructor(private readonly child: ChildProcess, public readonly socketPath: string) {
    this.calls = new AgentCalls(socketPath, 20_000);
    child.stdout?.on('data', (chunk: Buffer) => {
      this.stdout += chunk.toString();
    });
    child.stderr?.on('data', (chunk: Buffer) => {
      this.stderr += chunk.toString();
    });
    this.ended = new Promise((resolveEnd) => {
      child.once('close', (code, signal) => {
        this.calls.close();
        resolveEnd(code ?? signal);
      });
    });
  }

  public get pid(): number {
    return this.child.pid ?? 0;
  }

  public get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Log lines with this text in the message. */
  public logs(text: string): Record<string, unknown>[] {
    return this.stderr.split('\n').filter((line) => line.startsWith('{')).map((line): unknown => JSON.parse(line)).filter(isRecord)
      .filter((entry) => typeof entry.message === 'string' && entry.message.includes(text));
  }

  public async waitForLog(text: string, milliseconds = 20_000): Promise<Record<string, unknown>> {
    await waitFor(`the log line ${text}`, () => this.logs(text).length > 0 || !this.running, milliseconds);
    const [found] = this.logs(text);
    if (found === undefined) {
      throw new Error(`the agent ended without logging ${text}:\n${this.stderr}`);
    }
    return found;
  }

  public async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | NodeJS.Signals | null> {
    this.child.kill(signal);
    return this.ended;
  }

  public signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

export async function waitFor(what: string, test: () => boolean | Promise<boolean>, milliseconds = 20_000): Promise<void> {
  const end = Date.now() + milliseconds;
  while (!await test()) {
    if (Date.now() > end) {
      throw new Error(`waited ${milliseconds} ms for ${what}`);
    }
    await new Promise((resume) => {
      setTimeout(resume, 20);
    });
  }
}

/** All files below a folder, relative to it. */
export function filesBelow(folder: string): string[] {
  if (!existsSync(folder)) {
    return [];
  }
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
}
