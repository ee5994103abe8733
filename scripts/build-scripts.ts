// Copies the programs that run on a device as they are, agent/scripts/, to assets/scripts/, which the package ships.
// What they tell shellcheck is for this repository alone: those lines stay here.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

const SOURCE = 'agent/scripts';
const TARGET = 'assets/scripts';

export async function buildScripts(): Promise<void> {
  const entries = await readdir(SOURCE, { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((candidate) => candidate.isFile())) {
    const source = join(entry.parentPath, entry.name);
    const target = join(TARGET, relative(SOURCE, source));
    const program = await readFile(source, 'utf8');
    await mkdir(dirname(target), { recursive: true });
    await writeFile(target, program.replace(/^\s*# shellcheck .*\n/gm, ''));
  }
}
