import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { LocalFolder } from './folder';
import { LocalProblem } from './problem';
import { resource } from '../service/programs';
import type { Session } from './session';

const OLDEST = [3, 10] as const;
const CANDIDATES = ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];

/** What is installed, one after the other. A source package is made by what was installed before. */
const PACKAGES = [
  { file: 'requirements.txt', options: ['--only-binary', ':all:'] },
  { file: 'source-requirements.txt', options: ['--no-binary', ':all:', '--no-build-isolation', '--use-pep517'] },
] as const;

/** What the probe prints about an interpreter. */
interface Interpreter {
  readonly executable: string;
  readonly version: readonly [number, number, number];
  readonly missing: readonly string[];
}

const PROBE = `
import importlib.util, json, sys
print(json.dumps({"executable": sys.executable, "version": list(sys.version_info[:3]),
                  "missing": [m for m in ("venv", "ensurepip") if importlib.util.find_spec(m) is None]}))`;

/** Makes the virtual environment of the emulator, unless the one that is there is whole and of the same requirements. */
export async function ensurePython(session: Session, folder: LocalFolder, note: (line: string) => void): Promise<void> {
  const wanted = createHash('sha256').update(PACKAGES.map(({ file }) => fs.readFileSync(resource(file), 'utf8')).join('\n')).digest('hex');
  if (await isWhole(session, folder, wanted)) {
    return;
  }
  const python = await findPython(session, folder);
  note(`Python ${python.version.join('.')} (${python.executable}); installing the emulator into ${relative(folder.venv)}`);
  fs.rmSync(folder.venv, { recursive: true, force: true });
  fs.mkdirSync(path.dirname(folder.venv), { recursive: true });
  try {
    await install(session, folder, python);
  } catch (error) {
    fs.rmSync(folder.venv, { recursive: true, force: true });
    throw error;
  }
  fs.writeFileSync(marker(folder), wanted);
}

/** Certificates for TLS on loopback; kept while they are valid for another month. */
export async function ensureCertificates(session: Session, folder: LocalFolder): Promise<void> {
  const { X509Certificate } = await import('node:crypto');
  if ([folder.caFile, folder.serverCertificate, folder.serverKey].every((file) => fs.existsSync(file))) {
    const end = Date.parse(new X509Certificate(fs.readFileSync(folder.serverCertificate)).validTo);
    if (end - Date.now() > 30 * 24 * 3600 * 1000) {
      return;
    }
  }
  const { code, lines } = await session.run({
    name: 'certificates', command: folder.python, args: [resource('certificates.py'), folder.tls],
    env: process.env, cwd: folder.root,
  });
  if (code !== 0) {
    throw new LocalProblem('the TLS certificates of the local cloud could not be made:', lines);
  }
}

async function isWhole(session: Session, folder: LocalFolder, wanted: string): Promise<boolean> {
  if (!fs.existsSync(marker(folder)) || fs.readFileSync(marker(folder), 'utf8') !== wanted || !fs.existsSync(folder.python)) {
    return false;
  }
  const { code } = await session.run({
    name: 'python', command: folder.python, args: ['-c', 'import hypercorn, yaml, botocore, cryptography.x509, importlib.util as u; assert u.find_spec("ministack.app") and u.find_spec("git_remote_codecommit")'],
    env: process.env, cwd: folder.root,
  });
  return code === 0;
}

async function findPython(session: Session, folder: LocalFolder): Promise<Interpreter> {
  const { PYTHON } = process.env;
  const found: Interpreter[] = [];
  for (const command of PYTHON === undefined || PYTHON === '' ? CANDIDATES : [PYTHON]) {
    const interpreter = await probe(session, command, folder);
    if (!interpreter) {
      continue;
    }
    if (recent(interpreter) && interpreter.missing.length === 0) {
      return interpreter;
    }
    found.push(interpreter);
  }
  throw pythonProblem(found, PYTHON);
}

async function probe(session: Session, command: string, folder: LocalFolder): Promise<Interpreter | undefined> {
  try {
    const { code, lines } = await session.run({ name: command, command, args: ['-c', PROBE], env: process.env, cwd: folder.root });
    return code === 0 ? JSON.parse(lines.at(-1) ?? '') as Interpreter : undefined;
  } catch (error) {
    if (error instanceof LocalProblem && error.message.includes('could not be started')) {
      return undefined;
    }
    throw error;
  }
}

function recent({ version: [major, minor] }: Interpreter): boolean {
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** Says what was found and what to install. */
export function pythonProblem(found: readonly Interpreter[], given: string | undefined): LocalProblem {
  const wanted = `Python ${OLDEST.join('.')} or later`;
  const other = 'or point at another interpreter: PYTHON=/path/to/python3';
  const whole = found.find(recent);
  if (whole) {
    return new LocalProblem(`the local cloud needs ${whole.missing.join(' and ')}, which ${whole.executable} (${whole.version.join('.')}) lacks`, [
      'install it (Debian, Ubuntu: apt install python3-venv)', other,
    ]);
  }
  const old = found[0];
  const none = given === undefined || given === '' ? 'there is no python3' : `PYTHON=${given} does not run`;
  const got = old ? `${old.executable} is ${old.version.join('.')}` : none;
  return new LocalProblem(`the local cloud needs ${wanted}; ${got}`, [
    'install it (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python)',
    other,
  ]);
}

async function install(session: Session, folder: LocalFolder, python: Interpreter): Promise<void> {
  const made = await session.run({
    name: 'venv',
    command: python.executable,
    args: ['-m', 'venv', folder.venv],
    env: process.env,
    cwd: folder.root,
  });
  if (made.code !== 0) {
    throw new LocalProblem(
      `${python.executable} could not make a virtual environment:`,
      [...made.lines.slice(-8), 'Debian, Ubuntu: apt install python3-venv'],
    );
  }
  for (const { file, options } of PACKAGES) {
    await installFrom(session, folder, [...options, '-r', resource(file)]);
  }
}

async function installFrom(session: Session, folder: LocalFolder, options: readonly string[]): Promise<void> {
  const { code, lines } = await session.run({
    name: 'pip', command: folder.python,
    args: [
      '-m', 'pip', 'install', '--no-deps', '--require-hashes', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off',
      ...options,
    ],
    env: { PIP_RETRIES: '2', ...process.env, PIP_CACHE_DIR: folder.pipCache, TMPDIR: folder.tmp }, cwd: folder.root,
  });
  if (code === 0) {
    return;
  }
  throw new LocalProblem('pip could not install the emulator:', [
    ...lines.filter((line) => /error|warning: retrying|could not/i.test(line)).slice(-6),
    'is the Python package index reachable from here? pip takes a proxy from HTTPS_PROXY and a mirror from PIP_INDEX_URL or pip.conf',
  ]);
}

function marker(folder: LocalFolder): string {
  return path.join(folder.venv, '.requirements');
}

function relative(file: string): string {
  return path.relative(process.cwd(), file);
}
