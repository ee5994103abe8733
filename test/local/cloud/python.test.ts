import * as fs from 'node:fs';
import * as path from 'node:path';
import { CHECKOUT } from '../../../local/cloud/folder';
import { ensurePython, experimentsPython } from '../../../local/cloud/python';
import { LocalProblem } from '../../../local/cloud/problem';
import { SilentProgress } from '../../../local/cloud/progress';
import { Session } from '../../../local/cloud/session';
import { temporaryFolder } from '../temporary-folder';

const folder = temporaryFolder();
const { PYTHON, PATH } = process.env;
afterEach(() => {
  Object.assign(process.env, { PATH });
  if (PYTHON === undefined) {
    delete process.env.PYTHON;
  } else {
    process.env.PYTHON = PYTHON;
  }
});
afterAll(() => {
  folder.remove();
});

/** An interpreter that answers the probe, and makes an environment whose pip does as told. */
function interpreter(version: number[], missing: string[], pip = 'exit 0'): string {
  const file = path.join(folder.root, `python-${version.join('-')}-${missing.length}`);
  const probe = JSON.stringify({ executable: file, version, missing });
  fs.writeFileSync(file, `#!/bin/sh
if [ "$1" = -c ]; then echo '${probe}'; exit 0; fi
mkdir -p "$3/bin"; printf '#!/bin/sh\\n${pip}\\n' > "$3/bin/python"; chmod +x "$3/bin/python"
`, { mode: 0o755 });
  return file;
}

async function problem(
  ensure: () => Promise<unknown> = async () => ensurePython(new Session(), folder, () => undefined),
): Promise<LocalProblem> {
  try {
    await ensure();
  } catch (error) {
    if (error instanceof LocalProblem) {
      return error;
    }
    throw error;
  }
  throw new Error('no problem');
}

test('without any Python it says what to install, and how to name one', async () => {
  process.env.PATH = folder.root;
  delete process.env.PYTHON;
  expect(await problem()).toMatchObject({
    name: 'LocalProblem', message: 'the local cloud needs Python 3.10 or later; there is no python3',
    advice: [expect.stringContaining('apt install python3 python3-venv'), expect.stringContaining('PYTHON=/path/to/python3')],
  });
});

test('an interpreter that PYTHON names and that does not run is named', async () => {
  process.env.PYTHON = '/no/such/python';
  expect((await problem()).message).toBe('the local cloud needs Python 3.10 or later; PYTHON=/no/such/python does not run');
});

test('one that is too old is named with its version', async () => {
  process.env.PYTHON = interpreter([3, 9, 18], []);
  expect((await problem()).message).toBe(`the local cloud needs Python 3.10 or later; ${process.env.PYTHON} is 3.9.18`);
});

test('one without ensurepip, as Debian has it, needs python3-venv', async () => {
  process.env.PYTHON = interpreter([3, 11, 2], ['ensurepip']);
  expect(await problem()).toMatchObject({
    message: `the local cloud needs ensurepip, which ${process.env.PYTHON} (3.11.2) lacks`,
    advice: expect.arrayContaining([expect.stringContaining('python3-venv')]) as unknown,
  });
});

test('pip\'s own reason is shown when it fails, and no half environment is left', async () => {
  process.env.PYTHON = interpreter([3, 12, 0], [], 'echo "ERROR: Could not find a version that satisfies ministack"; exit 1');
  expect(await problem()).toMatchObject({
    message: 'pip could not install the emulator:',
    advice: [expect.stringContaining('Could not find a version'), expect.stringContaining('Python package index')],
  });
  expect(fs.existsSync(folder.venv)).toBe(false);
});

test('an environment is made once, and again when it is broken or the requirements have changed', async () => {
  process.env.PYTHON = interpreter([3, 13, 0], []);
  const notes: string[] = [];
  const ensure = async (): Promise<void> => ensurePython(new Session(), folder, (line) => {
    notes.push(line);
  });
  await ensure();
  await ensure();
  expect(notes).toHaveLength(1);
  fs.rmSync(folder.python);
  await ensure();
  expect(notes).toHaveLength(2);
  fs.writeFileSync(path.join(folder.venv, '.requirements'), 'of another day');
  await ensure();
  expect(notes).toHaveLength(3);
});

test('an environment that two processes want is made by one, and the other waits for it', async () => {
  fs.rmSync(folder.venv, { recursive: true });
  const installed = path.join(folder.root, 'installed');
  process.env.PYTHON = interpreter([3, 13, 1], [], `if [ "$2" = pip ]; then echo once >> ${installed}; sleep 1; fi`);
  const notes: string[] = [];
  await Promise.all([1, 2].map(async () => ensurePython(new Session(), folder, (line) => {
    notes.push(line);
  })));
  expect(notes).toHaveLength(1);
  expect(fs.readFileSync(installed, 'utf8')).toBe('once\nonce\n'); // wheels and sources
});

test('an environment whose maker has died is made by the next one', async () => {
  fs.rmSync(folder.venv, { recursive: true });
  process.env.PYTHON = interpreter([3, 13, 0], []);
  const lock = `${folder.venv}.lock`;
  fs.mkdirSync(lock);
  const then = new Date(Date.now() - 60_000);
  fs.utimesSync(lock, then, then);
  await ensurePython(new Session(), folder, () => undefined);
  expect([fs.existsSync(folder.python), fs.existsSync(lock)]).toEqual([true, false]);
});

describe('the environment of experiments', () => {
  const ensure = async (): Promise<string> => experimentsPython(new Session(), folder, new SilentProgress());

  test('needs a Python that is as new, and says so', async () => {
    process.env.PYTHON = interpreter([3, 9, 18], []);
    expect((await problem(ensure)).message)
      .toBe(`the environment of experiments needs Python 3.10 or later; ${process.env.PYTHON} is 3.9.18`);
  });

  test('shows pip\'s own reason, and leaves no half of itself', async () => {
    process.env.PYTHON = interpreter([3, 12, 1], [], 'echo "ERROR: No matching distribution found for mlflow"; exit 1');
    expect(await problem(ensure)).toMatchObject({
      message: 'pip could not install MLflow, DVC and the packages of the jobs:',
      advice: [expect.stringContaining('No matching distribution'), expect.stringContaining('Python package index')],
    });
    expect(fs.existsSync(folder.experimentsVenv)).toBe(false);
  });

  test('is made once, in a folder of its own, by any Python that the emulator takes, and its interpreter is told', async () => {
    process.env.PYTHON = interpreter([3, 10, 12], []);
    const python = await ensure();
    const { mtimeMs } = fs.statSync(python);
    expect(path.dirname(path.dirname(python))).toBe(folder.experimentsVenv);
    expect(folder.experimentsVenv).not.toBe(folder.venv);
    expect(await ensure()).toBe(python);
    expect(fs.statSync(python).mtimeMs).toBe(mtimeMs);
  });

  test('has each package of the example in the example\'s version', () => {
    const pinned = (...files: string[]): string[] => files.flatMap((file) => fs.readFileSync(path.join(CHECKOUT, file), 'utf8').split('\n'))
      .map((line) => /^[\w-]+==[\w.]+/.exec(line)?.[0] ?? '').filter((pin) => pin !== '');
    const ours = pinned('local/cloud/experiments/requirements.txt', 'local/cloud/experiments/source-requirements.txt');
    const wanted = pinned('examples/dvc-experiments/scripts/requirements.txt');
    expect(wanted.length).toBeGreaterThan(8);
    expect(ours).toEqual(expect.arrayContaining(wanted));
  });
});
