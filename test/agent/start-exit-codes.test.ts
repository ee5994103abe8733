import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const SCRIPTS = join(ROOT, 'agent', 'scripts', 'greengrass');

test('each exit code of the component\'s scripts is documented, and no other', () => {
  const scripts = readdirSync(SCRIPTS).filter((name) => name.endsWith('.sh')).map((name) => readFileSync(join(SCRIPTS, name), 'utf8')).join('\n');
  const used = [...scripts.matchAll(/(?:exit|fails) (2\d)\b/g)].map(([, code]) => code);
  const page = readFileSync(join(ROOT, 'docs', 'troubleshooting.md'), 'utf8');
  const documented = [...page.matchAll(/^\| (2\d) \|/gm)].map(([, code]) => code);
  expect(documented).toEqual([...new Set(used)].sort());
});
