// Makes the drift baseline of the sample's model anew: after a new version of the model, whose digest is in it, or of the pictures that
// `npm run local` draws. `npx tsx scripts/sample-baseline.ts`, after `npm run build:assets`.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_MODEL, DEFAULT_MODEL_BASELINE } from '../bin/sample-config';
import { drawText } from '../local/cloud/picture';
import { randomText } from '../local/cloud/words';

const PICTURES = 400;
const SEED = 2_026;
const COMMAND = path.join(__dirname, '..', 'assets', 'cli', 'main.js');

void main();

async function main(): Promise<void> {
  const folder = mkdtempSync(path.join('/tmp', 'sb-')); // short: there is a socket in it
  const samples = path.join(folder, 'samples');
  mkdirSync(samples);
  const random = numbers(SEED);
  for (let index = 0; index < PICTURES; index += 1) {
    writeFileSync(path.join(samples, `${index}.png`), await drawText(randomText(random)));
  }
  const model = path.join(folder, 'model');
  run('pack', DEFAULT_MODEL, '--name', 'text-recogniser', '--output', model);
  const socket = path.join(folder, 'agent.sock');
  const agent = spawn(process.execPath, [COMMAND, 'agent', model, '--data', path.join(folder, 'data'), '--address', socket], { stdio: 'ignore' });
  try {
    await listening(agent, socket);
    run('client', '-a', socket, 'Baseline', 'text-recogniser', samples, '--decode', 'ctc', '--output', DEFAULT_MODEL_BASELINE);
  } finally {
    await stopped(agent);
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(...args: readonly string[]): void {
  execFileSync(process.execPath, [COMMAND, ...args], { stdio: 'inherit' });
}

async function listening(agent: ChildProcess, socket: string): Promise<void> {
  while (!existsSync(socket)) {
    if (agent.exitCode !== null) {
      throw new Error(`the agent ended with ${agent.exitCode}: run it in the same way to see why`);
    }
    await sleep(100);
  }
}

async function stopped(agent: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => {
    agent.once('exit', resolve);
  });
  if (agent.exitCode === null && agent.kill()) {
    await ended;
  }
}

/** Whole numbers below a limit, the same at each run: a linear congruential generator. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
