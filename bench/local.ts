import { spawn } from 'node:child_process';
import type { Row } from './row';

const UP_GOAL_SECONDS = 60;

/** `npm run local -- --once`, step by step as the launcher tells it. Wants the Python environment to be there: run it once before. */
export async function benchLocal(): Promise<Row[]> {
  const { code, output } = await run(['local/start.mjs', 'up', '--once', '--folder', '.local/bench']);
  if (code !== 0) {
    throw new Error(`npm run local failed: ${output.slice(-1500)}`);
  }
  const steps = [...output.matchAll(/^\[\s*(?<at>[\d.]+) s\] (?<what>.+): done in (?<seconds>[\d.]+) s$/gm)].map(({ groups }) => ({
    what: groups?.what ?? '', at: Number(groups?.at), seconds: Number(groups?.seconds),
  }));
  const shown = steps.find(({ what }) => what.includes('prediction')) ?? steps.at(-1);
  return [
    { what: 'npm run local until the prediction', ratio: shown?.at ?? Number.NaN, goal: UP_GOAL_SECONDS, unit: 's' },
    ...steps.map(({ what, seconds }) => ({ what: `  ${what}`, ratio: seconds, unit: 's' })),
  ];
}

function run(args: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.on('error', reject);
    child.on('close', (code) => {
      resolve({ code: code ?? 1, output });
    });
  });
}
