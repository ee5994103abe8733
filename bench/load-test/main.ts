import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inTurn, type Row } from '../row';
import { timeProcess } from '../processes';

const PROGRAMS = path.resolve('load-test');
const PLAIN = path.resolve('bench/load-test/plain.py');
const VENV = path.resolve('.local/load-test-bench');
const USERS = 16;
const MEASURED_MS = 8000;
/** Of /proc: USER_HZ, which is 100 wherever Linux runs today. */
const TICKS_A_SECOND = 100;

/** A worker of the load test beside a worker of plain Locust: requests for a second of one core. Linux alone, since it reads /proc. */
export async function benchLoadTest(): Promise<Row[]> {
  await install();
  const { ratio, a, b } = await inTurn(3, () => requestsPerCoreSecond('plain'), () => requestsPerCoreSecond('load test'));
  return [{
    what: 'requests a core second: plain Locust ÷ the load test\'s worker', ratio, goal: 1 / 0.95,
    detail: `${a.toFixed(0)} and ${b.toFixed(0)}`,
  }];
}

async function install(): Promise<void> {
  if (existsSync(path.join(VENV, 'bin', 'locust'))) {
    return;
  }
  await timeProcess('python3', ['-m', 'venv', '--clear', VENV]);
  const options = ['--no-deps', '--require-hashes', '--only-binary', ':all:', '--quiet', '--disable-pip-version-check'];
  await timeProcess(python(), ['-m', 'pip', 'install', ...options, '-r', path.join(PROGRAMS, 'requirements.txt')]);
}

async function requestsPerCoreSecond(kind: 'plain' | 'load test'): Promise<number> {
  let requests = 0;
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      requests += 1;
      response.writeHead(200, { 'content-type': 'application/json' }).end('[{"label":"POSITIVE"}]');
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const env = environment((server.address() as AddressInfo).port, port, kind);
  const master = start(['-m', 'locust', '-f', PLAIN, '--master', '--master-bind-host', '127.0.0.1', '--master-bind-port', String(port),
    '--headless', '-u', String(USERS), '-r', '100', '--expect-workers', '1', '--loglevel', 'ERROR', '--only-summary'], env);
  const worker = kind === 'load test' ? start(['-m', 'load_test.worker'], env)
    : start(['-m', 'locust', '-f', PLAIN, '--worker', '--master-host', '127.0.0.1', '--master-port', String(port), '--loglevel', 'ERROR'], env);
  try {
    for (let waited = 0; requests < 500; waited += 1) {
      if (waited > 600 || worker.exitCode !== null || master.exitCode !== null) {
        throw new Error(`the ${kind} worker sent ${requests} requests only`);
      }
      await sleep(100);
    }
    const [count, cpu] = [requests, cpuSeconds(worker)];
    await sleep(MEASURED_MS);
    return (requests - count) / (cpuSeconds(worker) - cpu);
  } finally {
    worker.kill('SIGKILL');
    master.kill('SIGKILL');
    server.closeAllConnections();
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
