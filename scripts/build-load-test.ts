// Copies what the image of a load test is built from to assets/load-test, which the package ships.
import { cp, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

const FROM = 'load-test';
const TO = 'assets/load-test';

export async function buildLoadTest(): Promise<void> {
  await rm(TO, { recursive: true, force: true });
  await mkdir(join(TO, 'load_test'), { recursive: true });
  for (const file of ['Dockerfile', 'requirements.txt']) {
    await cp(join(FROM, file), join(TO, file));
  }
  const programs = await readdir(join(FROM, 'load_test'));
  for (const program of programs.filter((name) => name.endsWith('.py'))) { // without __pycache__
    await cp(join(FROM, 'load_test', program), join(TO, 'load_test', program));
  }
}
