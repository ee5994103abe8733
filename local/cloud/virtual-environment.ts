import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { LocalFolder } from './folder';
import { findPython, type Interpreter, type PythonNeed } from './interpreter';
import { makeOnce } from './make-once';
import { LocalProblem } from './problem';
import type { Session } from './session';

/** A virtual environment of packages with hashes. It is made once, and anew when its requirements change. */
export interface VirtualEnvironment extends PythonNeed {
  /** What is installed, in words: `the emulator`. */
  readonly what: string;
  readonly venv: string;
  /** Wheels with hashes, and then what there is as source packages alone: those are made by what was installed before. */
  readonly wheels: string;
  readonly sources: string;
  /** A Python program that ends well in a whole environment. */
  readonly proof: string;
}

/** Makes the environment, unless the one that is there is whole and of the same requirements. */
export async function ensureVirtualEnvironment(
  session: Session, folder: LocalFolder, wanted: VirtualEnvironment, note: (line: string) => void,
): Promise<void> {
  const { venv, wheels, sources } = wanted;
  const digest = createHash('sha256').update([wheels, sources].map((file) => fs.readFileSync(file, 'utf8')).join('\n')).digest('hex');
  await makeOnce(venv, async () => isWhole(session, folder, wanted, digest), async () => {
    const python = await findPython(session, folder, wanted);
    note(`Python ${python.version.join('.')} (${python.executable}); installing ${wanted.what} into ${path.relative(process.cwd(), venv)}`);
    fs.rmSync(venv, { recursive: true, force: true });
    try {
      await install(session, folder, wanted, python);
    } catch (error) {
      fs.rmSync(venv, { recursive: true, force: true });
      throw error;
    }
    fs.writeFileSync(marker(venv), digest);
  });
}

export function pythonOf(venv: string): string {
  return path.join(venv, 'bin', 'python');
}

async function isWhole(session: Session, folder: LocalFolder, { venv, proof }: VirtualEnvironment, digest: string): Promise<boolean> {
  if (!fs.existsSync(marker(venv)) || fs.readFileSync(marker(venv), 'utf8') !== digest || !fs.existsSync(pythonOf(venv))) {
    return false;
  }
  const { code } = await session.run({ name: 'python', command: pythonOf(venv), args: ['-c', proof], env: process.env, cwd: folder.root });
  return code === 0;
}

async function install(session: Session, folder: LocalFolder, wanted: VirtualEnvironment, python: Interpreter): Promise<void> {
  const { venv, wheels, sources } = wanted;
  const made = await session.run({
    name: 'venv',
    command: python.executable,
    args: ['-m', 'venv', venv],
    env: process.env,
    cwd: folder.root,
  });
  if (made.code !== 0) {
    throw new LocalProblem(
      `${python.executable} could not make a virtual environment:`,
      [...made.lines.slice(-8), 'Debian, Ubuntu: apt install python3-venv'],
    );
  }
  await installFrom(session, folder, wanted, ['--only-binary', ':all:', '-r', wheels]);
  await installFrom(session, folder, wanted, ['--no-binary', ':all:', '--no-build-isolation', '--use-pep517', '-r', sources]);
}

async function installFrom(
  session: Session, folder: LocalFolder, { what, venv }: VirtualEnvironment, options: readonly string[],
): Promise<void> {
  const { code, lines } = await session.run({
    name: 'pip', command: pythonOf(venv),
    args: [
      '-m', 'pip', 'install', '--no-deps', '--require-hashes', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off',
      ...options,
    ],
    env: { PIP_RETRIES: '2', ...process.env, PIP_CACHE_DIR: folder.pipCache, TMPDIR: folder.tmp }, cwd: folder.root,
  });
  if (code === 0) {
    return;
  }
  throw new LocalProblem(`pip could not install ${what}:`, [
    ...lines.filter((line) => /error|warning: retrying|could not/i.test(line)).slice(-6),
    'is the Python package index reachable from here? pip takes a proxy from HTTPS_PROXY and a mirror from PIP_INDEX_URL or pip.conf',
  ]);
}

function marker(venv: string): string {
  return path.join(venv, '.requirements');
}
