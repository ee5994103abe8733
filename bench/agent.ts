import { execFile, spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { AgentCalls } from '../agent/client/calls';
import { AgentProcess, baseConfig, scratchFolder, waitFor, agentBundle } from '../test/agent/support/agent-process';
import { sendMalformed } from '../test/agent/support/malformed';
import { identityModel, writePackage } from '../test/agent/support/models';
import { CLASSIFIER, DETECTOR } from '../test/ocr-models';
import { timeProcess } from './processes';
import { inTurn, type Row } from './row';

const MALFORMED = 50_000;

/** The agent as a process, over its socket, against ONNX Runtime in this process. */
export async function benchAgent(): Promise<Row[]> {
  const folder = scratchFolder();
  const agent = await AgentProcess.start({
    folder,
    config: {
      sagemaker_edge_log_verbose: false,
      sagemaker_edge_core_capture_data_buffer_size: 1000,
      sagemaker_edge_core_capture_data_batch_size: 4,
    },
  });
  try {
    await agent.calls.loadModel('cls', writePackage(path.join(folder, 'cls'), CLASSIFIER, { name: 'cls' }));
    await agent.calls.loadModel('det', writePackage(path.join(folder, 'det'), DETECTOR, { name: 'det' }));
    const rows = await benchFromClient(agent, folder);
    return [...rows, await benchMalformed(agent, folder), await benchStart(), await benchMemory()];
  } finally {
    await agent.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** In a process of its own, as a device's clients are: the heap of this one would be counted as the agent's work. */
async function benchFromClient(agent: AgentProcess, folder: string): Promise<Row[]> {
  const program = path.join(folder, 'client.js');
  await build({
    entryPoints: ['bench/agent-client.ts'],
    outfile: program,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    external: ['onnxruntime-node'],
  });
  const env = { ...process.env, NODE_PATH: path.resolve('node_modules') };
  const { stdout } = await promisify(execFile)(process.execPath, [program, agent.socketPath, CLASSIFIER, DETECTOR], { env });
  return stdout.trim().split('\n').map((line) => JSON.parse(line) as Row);
}

async function benchMalformed(agent: AgentProcess, folder: string): Promise<Row> {
  await agent.calls.loadModel('open', writePackage(path.join(folder, 'open'), identityModel('float32', ['n', 'm'])));
  const milliseconds = await timed(() => sendMalformed(agent.socketPath, path.join(folder, 'open'), MALFORMED, 20_261_121));
  return {
    what: `ends of the agent by ${MALFORMED} malformed requests`,
    ratio: agent.running ? 0 : 1,
    goal: 0,
    unit: 'ends',
    detail: `${(milliseconds / 1000).toFixed(0)} s`,
  };
}

async function benchStart(): Promise<Row> {
  const { ratio, a, b } = await inTurn(9, () => startToListModels(), () => timeProcess(process.execPath, ['-e', '0']));
  return { what: 'start to ListModels ÷ node -e 0', ratio, goal: 2.5, detail: `${a.toFixed(0)} ms ÷ ${b.toFixed(0)} ms` };
}

async function startToListModels(): Promise<number> {
  const folder = scratchFolder();
  const program = path.join(agentBundle(), 'agent.js');
  const config = path.join(folder, 'config.json');
  fs.writeFileSync(config, JSON.stringify({ ...baseConfig(folder), sagemaker_edge_log_verbose: false }));
  const socketPath = path.join(folder, 'agent.sock');
  const calls = new AgentCalls(socketPath, 10_000);
  let child: ChildProcess | undefined;
  const milliseconds = await timed(async () => {
    child = spawn(process.execPath, [program, '-a', socketPath, '-c', config], { stdio: 'ignore' });
    while (!fs.existsSync(socketPath)) {
      await sleep(1);
    }
    await calls.listModels();
  });
  calls.close();
  child?.kill('SIGKILL');
  fs.rmSync(folder, { recursive: true, force: true });
  return milliseconds;
}

const BARE_SERVER = `import { Server, ServerCredentials } from '@grpc/grpc-js';
const server = new Server();
server.bindAsync('unix:' + process.argv[2], ServerCredentials.createInsecure(), () => { console.log('ready'); });`;

/** Resident memory once both have answered nothing yet. */
async function benchMemory(): Promise<Row> {
  const folder = scratchFolder();
  await build({
    stdin: { contents: BARE_SERVER, resolveDir: process.cwd() },
    outfile: path.join(folder, 'bare.js'),
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
  });
  const agent = await AgentProcess.start({ folder });
  const bare = spawn(process.execPath, [path.join(folder, 'bare.js'), path.join(folder, 'bare.sock')], { stdio: 'ignore' });
  await waitFor('the bare server', () => fs.existsSync(path.join(folder, 'bare.sock')));
  await sleep(2000);
  const [a, b] = [residentMegabytes(agent.pid), residentMegabytes(bare.pid ?? 0)];
  bare.kill('SIGKILL');
  await agent.stop();
  fs.rmSync(folder, { recursive: true, force: true });
  return {
    what: 'resident memory idle ÷ a bare gRPC server',
    ratio: a / b,
    goal: 1.2,
    detail: `${a.toFixed(0)} MB ÷ ${b.toFixed(0)} MB`,
  };
}

function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN) / 1024;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
