// Copies what runs a user's script in a job of an experiment to assets/experiment-job, which the package ships.
import { readdirSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const FROM = 'experiment-job';
const TO = 'assets/experiment-job';

/** The files, relative to the folder. */
export function experimentJobFiles(): string[] {
  const programs = readdirSync(join(FROM, 'experiment_job')).filter((name) => name.endsWith('.py')); // without __pycache__
  return ['__main__.py', ...programs.map((name) => `experiment_job/${name}`)];
}

export async function buildExperimentJob(): Promise<void> {
  await rm(TO, { recursive: true, force: true });
  for (const file of experimentJobFiles()) {
    await mkdir(dirname(join(TO, file)), { recursive: true });
    await cp(join(FROM, file), join(TO, file));
  }
}
