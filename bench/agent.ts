import { spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { performance } from 'node:perf_hooks';
import { build } from 'esbuild';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AgentCalls } from '../agent/client/calls';
import { AgentProcess, baseConfig, scratchFolder, waitFor, agentBundle } from '../test/agent/support/agent-process';
import { sendMalformed } from '../test/agent/support/malformed';
import { CLASSIFIER, DETECTOR, identityModel, writePackage } from '../test/agent/support/models';
import { capture, floats } from '../test/agent/support/tensors';
import { timeProcess } from './processes';
import { inTurn, median, type Row } from './row';

const CASES = [
  { what: '1 kB', name: 'cls', model: CLASSIFIER, shape: [1, 3, 9, 9], times: 200, goal: undefined },
  { what: '2 MB', name: 'det', model: DETECTOR, shape: [1, 3, 416, 416], times: 30, goal: 1.25 },
] as const;
const MALFORMED = 50_000;

/** The agent as a process, over its socket, against ONNX Runtime in this process. */
export async function benchAgent(): Promise<Row[]> {
  const folder = scratchFolder();
  const agent = await AgentProcess.start({ folder, config: { sagemaker_edge_log_verbose: false, sagemaker_edge_core_capture_data_buffer_size: 1000, sagemaker_edge_core_capture_data_batch_size: 50 } });
  try {
    const rows: Row[] = [];
    for (const one of CASES) {
      await agent.calls.loadModel(one.name, writePackage(path.join(folder, one.name), one.model, { name: one.name }));
      rows.push(...await benchPredict(agent, one));
    }
    rows.push(await benchCapture(agent, '64 kB', [1, 16_384], 1.05), await benchCapture(agent, '2.8 MB', [1, 692_224]), await benchMalformed(agent, folder));
    return [...rows, await benchStart(), await benchMemory()];
  } finally {
    await agent.stop();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

async function benchPredict(agent: AgentProcess, { what, name, model, shape, times, goal }: (typeof CASES)[number]): Promise<Row[]> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 3 });
  const input = floats('x', [...shape]);
  const values = new Float32Array(shape.reduce<number>((product, dimension) => product * dimension, 1));
  const raw = (): Promise<number> => timed(() => session.run({ x: new Tensor('float32', values, shape) }));
  const overGrpc = (): Promise<number> => timed(() => agent.calls.predict(name, [input]));
  await inTurn(5, overGrpc, raw); // warm
  const { ratio, a, b } = await inTurn(times, overGrpc, raw);
  const rows: Row[] = [{ what: `Predict over gRPC ÷ onnxruntime, ${what}`, ratio, ...(goal === undefined ? {} : { goal }), detail: `${a.toFixed(2)} ms ÷ ${b.toFixed(2)} ms` }];
  for (const clients of [1, 8]) {
    const rate = await throughput(agent, clients, times, () => agent.calls.predict(name, [input]));
    rows.push({ what: `throughput of ${clients} client(s) ÷ onnxruntime's, ${what}`, ratio: rate / (1000 / b), detail: `${rate.toFixed(0)}/s ÷ ${(1000 / b).toFixed(0)}/s (more is better)` });
  }
  await session.release();
  return rows;
}

/** Calls a second. */
async function throughput(agent: AgentProcess, clients: number, each: number, call: () => Promise<unknown>): Promise<number> {
  await agent.calls.listModels();
  const milliseconds = await timed(() => Promise.all(Array.from({ length: clients }, async () => {
    for (let index = 0; index < each; index += 1) { await call(); }
  })));
  return (clients * each * 1000) / milliseconds;
}

/** Time of a prediction while the tensors of the one before are captured, as a camera does: it waits for no capture. */
async function benchCapture(agent: AgentProcess, what: string, shape: number[], goal?: number): Promise<Row> {
  const input = floats('x', [1, 3, 416, 416]);
  const captured = floats('captured', shape);
  const block = async (captures: boolean): Promise<number> => {
    const under: Promise<unknown>[] = [];
    const times: number[] = [];
    for (let index = 0; index < 12; index += 1) {
      times.push(await timed(async () => {
        await agent.calls.predict('det', [input]);
        if (captures) { under.push(agent.calls.captureData(capture('det', { inputTensors: [captured] }))); }
      }));
    }
    await Promise.all(under);
    return median(times);
  };
  const { ratio, a, b } = await inTurn(7, () => block(true), () => block(false));
  return { what: `Predict with capture of ${what} ÷ without`, ratio, ...(goal === undefined ? {} : { goal }), detail: `${a.toFixed(2)} ms ÷ ${b.toFixed(2)} ms` };
}

async function benchMalformed(agent: AgentProcess, folder: string): Promise<Row> {
  await agent.calls.loadModel('open', writePackage(path.join(folder, 'open'), identityModel('float32', ['n', 'm'])));
  const milliseconds = await timed(() => sendMalformed(agent.socketPath, path.join(folder, 'open'), MALFORMED, 20_261_121));
  return { what: `ends of the agent by ${MALFORMED} malformed requests`, ratio: agent.running ? 0 : 1, goal: 0, unit: 'ends', detail: `${(milliseconds / 1000).toFixed(0)} s` };
}

async function benchStart(): Promise<Row> {
  const { ratio, a, b } = await inTurn(9, () => startToListModels(), () => timeProcess(process.execPath, ['-e', '0']));
  return { what: 'start to ListModels ÷ node -e 0', ratio, goal: 2.5, detail: `${a.toFixed(0)} ms ÷ ${b.toFixed(0)} ms` };
}

async function startToListModels(): Promise<number> {
  const folder = scratchFolder();
  fs.writeFileSync(path.join(folder, 'config.json'), JSON.stringify({ ...baseConfig(folder), sagemaker_edge_log_verbose: false }));
  const socketPath = path.join(folder, 'agent.sock');
  const calls = new AgentCalls(socketPath, 10_000);
  let child: ChildProcess | undefined;
  const milliseconds = await timed(async () => {
    child = spawn(process.execPath, [path.join(agentBundle(), 'agent.js'), '-a', socketPath, '-c', path.join(folder, 'config.json')], { stdio: 'ignore' });
    while (!fs.existsSync(socketPath)) { await new Promise((resume) => { setTimeout(resume, 1); }); }
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
  await build({ stdin: { contents: BARE_SERVER, resolveDir: process.cwd() }, outfile: path.join(folder, 'bare.js'), bundle: true, platform: 'node', target: 'node20', format: 'cjs', minify: true });
  const agent = await AgentProcess.start({ folder });
  const bare = spawn(process.execPath, [path.join(folder, 'bare.js'), path.join(folder, 'bare.sock')], { stdio: 'ignore' });
  await waitFor('the bare server', () => fs.existsSync(path.join(folder, 'bare.sock')));
  await new Promise((resume) => { setTimeout(resume, 2000); });
  const [a, b] = [residentMegabytes(agent.pid), residentMegabytes(bare.pid ?? 0)];
  bare.kill('SIGKILL');
  await agent.stop();
  fs.rmSync(folder, { recursive: true, force: true });
  return { what: 'resident memory idle ÷ a bare gRPC server', ratio: a / b, goal: 1.2, detail: `${a.toFixed(0)} MB ÷ ${b.toFixed(0)} MB` };
}

function residentMegabytes(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN) / 1024;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
