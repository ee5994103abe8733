// Copies the programs that run on a device as they are, agent/scripts/, to assets/scripts/, which the package ships.
// What they tell shellcheck is for this repository alone: those lines stay here.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

const [SOURCE, TARGET] = ['agent/scripts', 'assets/scripts'];
for (const entry of await readdir(SOURCE, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) { continue; }
  const source = join(entry.parentPath, entry.name);
  const target = join(TARGET, relative(SOURCE, source));
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, (await readFile(source, 'utf8')).replace(/^\s*# shellcheck .*\n/gm, ''));
}
