// Checks the programs that run on a device, agent/scripts/: shell by its own shell and by ShellCheck, JavaScript by Node.
// ShellCheck comes from PyPI into a virtual environment of its own, by hash. There is no wheel for Linux on arm64: there,
// and wherever another ShellCheck is wanted, SHELLCHECK names the program (Debian: apt install shellcheck).
//
//   tsx scripts/lint-programs.ts [folder]
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';

const REQUIREMENTS = 'scripts/shellcheck-requirements.txt';
const VENV = 'node_modules/.cache/cdk-sagemaker-edge/shellcheck';
const INSTALLED = join(VENV, 'requirements.txt');

/** What the command says is shown. */
function run(command: string, ...args: string[]): boolean {
  const { error, status } = spawnSync(command, args, { stdio: 'inherit' });
  if (error) {
    console.error(error.message);
  }
  return status === 0;
}

function install(): void {
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:', '--require-hashes'];
  rmSync(VENV, { recursive: true, force: true });
  mkdirSync(dirname(VENV), { recursive: true });
  if (!run('python3', '-m', 'venv', VENV) || !run(join(VENV, 'bin', 'python'), ...pip, '-r', REQUIREMENTS)) {
    throw new Error('ShellCheck could not be installed: install Python 3 with its venv module, or name a ShellCheck of yours in SHELLCHECK');
  }
  copyFileSync(REQUIREMENTS, INSTALLED);
}

function shellCheck(): string {
  const { SHELLCHECK: own } = process.env;
  if (own !== undefined) {
    return own;
  }
  const installed = existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === readFileSync(REQUIREMENTS, 'utf8');
  if (!installed) {
    install();
  }
  return join(VENV, 'bin', 'shellcheck');
}

/** What runs a script: its first line names bash; a script for any shell says so to ShellCheck. */
function shellOf(file: string): string {
  return /^# shellcheck shell=sh$/m.test(readFileSync(file, 'utf8')) ? 'sh' : 'bash';
}

const [folder = 'agent/scripts'] = process.argv.slice(2);
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort().map((name) => join(folder, name));
const scripts = files.filter((file) => file.endsWith('.sh'));
const programs = files.filter((file) => file.endsWith('.js'));
const results = [
  run(shellCheck(), '--external-sources', '--source-path=SCRIPTDIR', ...scripts),
  ...scripts.map((file) => run(shellOf(file), '-n', file)),
  ...programs.map((file) => run(process.execPath, '--check', file)),
];
if (results.includes(false)) {
  throw new Error(`programs in ${folder} are wrong: see above`);
}
console.log(`${scripts.length} shell scripts and ${programs.length} Node programs in ${folder} are correct`);
