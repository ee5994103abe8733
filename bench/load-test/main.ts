import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { inTurn, median, medianRatio, type Row } from '../row';
import { timeProcess } from '../processes';

const PROGRAMS = path.resolve('load-test');
const PLAIN = path.resolve('bench/load-test/plain.py');
const VENV = path.resolve('.local/load-test-bench');
const USERS = 16;
const MEASURED_MS = 8000;
const IN_TURN = path.resolve('bench/load-test/in_turn.py');
/** Pairs of processes, and pairs of turns of one process. */
const ROUNDS = 5;
const TURNS = 40;
/** Of plain Locust's requests. */
const WANTED = 0.95;
/** Of /proc: USER_HZ, which is 100 wherever Linux runs today. */
const TICKS_A_SECOND = 100;

/**
 * A worker of the load test beside a worker of plain Locust: requests for a second of one core. Linux alone, since it reads /proc.
 *
 * As processes of their own, one after the other, as they run in a container. A busy machine's processes differ by some percent where
 * they are the same: so the tasks of both in turns within one process, too, which tells differences of one percent.
 */
export async function benchLoadTest(): Promise<Row[]> {
  await install();
  const what = 'requests a core second: plain Locust ÷ the load test\'s worker';
  const goal = 1 / WANTED;
  const { ratio: processes, a, b } = await inTurn(ROUNDS, () => requestsPerCoreSecond('plain'), () => requestsPerCoreSecond('load test'));
  const { requests, plain, loadTest } = await turnsOfOneProcess();
  const control = median(plain.filter((_, turn) => turn % 2 === 0)) / median(plain.filter((_, turn) => turn % 2 === 1));
  return [
    { what, ratio: processes, goal, detail: `${a.toFixed(0)} and ${b.toFixed(0)}, processes in turn, ${ROUNDS} rounds` },
    {
      what: `${what}, in one process`, ratio: medianRatio(loadTest, plain), goal,
      detail: `${(requests / median(plain)).toFixed(0)} and ${(requests / median(loadTest)).toFixed(0)}, ${TURNS} turns; plain against plain ${control.toFixed(2)}`,
    },
  ];
}

/** CPU seconds of each turn. */
interface Turns { readonly requests: number; readonly plain: readonly number[]; readonly loadTest: readonly number[] }

async function turnsOfOneProcess(): Promise<Turns> {
  const server = await startEndpoint();
  try {
    const { stdout } = await promisify(execFile)(python(), [IN_TURN, String(TURNS)], {
      cwd: path.dirname(IN_TURN), env: { ...environment(server.port, 0, 'in turn'), PYTHONPATH: PROGRAMS },
    });
    return JSON.parse(stdout) as Turns;
  } finally {
    server.close();
  }
}

async function install(): Promise<void> {
  if (existsSync(path.join(VENV, 'bin', 'locust'))) {
    return;
  }
  await timeProcess('python3', ['-m', 'venv', '--clear', VENV]);
  const options = ['--no-deps', '--require-hashes', '--only-binary', ':all:', '--quiet', '--disable-pip-version-check'];
  await timeProcess(python(), ['-m', 'pip', 'install', ...options, '-r', path.join(PROGRAMS, 'requirements.txt')]);
}

interface Endpoint { readonly port: number; requests(): number; close(): void }

/** Answers at once, so that the worker is what takes time. */
async function startEndpoint(): Promise<Endpoint> {
  let requests = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      requests += 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end('[{"label":"POSITIVE"}]');
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests: () => requests,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

async function requestsPerCoreSecond(kind: 'plain' | 'load test'): Promise<number> {
  const server = await startEndpoint();
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const env = environment(server.port, port, kind);
  const master = start(['-m', 'locust', '-f', PLAIN, '--master', '--master-bind-host', '127.0.0.1', '--master-bind-port', String(port),
    '--headless', '-u', String(USERS), '-r', '100', '--expect-workers', '1', '--loglevel', 'ERROR', '--only-summary'], env);
  const worker = kind === 'load test' ? start(['-m', 'load_test.worker'], env)
    : start(['-m', 'locust', '-f', PLAIN, '--worker', '--master-host', '127.0.0.1', '--master-port', String(port), '--loglevel', 'ERROR'], env);
  try {
    for (let waited = 0; server.requests() < 500; waited += 1) {
      if (waited > 600 || worker.exitCode !== null || master.exitCode !== null) {
        throw new Error(`the ${kind} worker sent ${server.requests()} requests only`);
      }
      await sleep(100);
    }
    const [count, cpu] = [server.requests(), cpuSeconds(worker)];
    await sleep(MEASURED_MS);
    return (server.requests() - count) / (cpuSeconds(worker) - cpu);
  } finally {
    worker.kill('SIGKILL');
    master.kill('SIGKILL');
    server.close();
  }
}

function start(args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  return spawn(python(), args, { cwd: PROGRAMS, env, stdio: 'ignore' });
}

function environment(runtimePort: number, masterPort: number, kind: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH, AWS_ENDPOINT_URL: `http://127.0.0.1:${runtimePort}`, AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'bench', AWS_SECRET_ACCESS_KEY: 'bench', SAGEMAKER_ENDPOINT_NAME: 'demo', RESULTS_BUCKET: 'none', RUN_ID: 'bench',
    PAYLOADS: PLAIN, LOCUST_MASTER_HOST: '127.0.0.1', LOCUST_MASTER_PORT: String(masterPort), BENCH_HOLD: String(kind === 'load test'),
  };
}

function cpuSeconds({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

function python(): string {
  return path.join(VENV, 'bin', 'python');
}
