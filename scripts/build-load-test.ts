// Copies what the image of a load test is built from to assets/load-test, which the package ships.
import { readdirSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const FROM = 'load-test';
const TO = 'assets/load-test';

/** The files, relative to the folder. */
export function loadTestFiles(): string[] {
  const programs = readdirSync(join(FROM, 'load_test')).filter((name) => name.endsWith('.py')); // without __pycache__
  return ['Dockerfile', 'requirements.txt', ...programs.map((name) => `load_test/${name}`)];
}

export async function buildLoadTest(): Promise<void> {
  await rm(TO, { recursive: true, force: true });
  for (const file of loadTestFiles()) {
    await mkdir(dirname(join(TO, file)), { recursive: true });
    await cp(join(FROM, file), join(TO, file));
  }
}
