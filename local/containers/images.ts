import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { runProgram } from './run-program';

/** An image that was built here: the folder that stands for its file system, and the environment that its programs get. */
export interface BuiltImage {
  /** The working directory. */
  readonly folder: string;
  /** Its `bin` is where `python` is found. */
  readonly venv: string;
}

export interface ImageStoreOptions {
  /** The cloud's folder: its images go with it. */
  readonly folder: string;
  /** Beside the emulator's Python, and shared by all clouds: environments take a minute to make, and never change. */
  readonly shared: string;
  /** An interpreter with `venv`: the emulator's. */
  readonly python: string;
}

/**
 * What stands for container images: no container engine is here. An image is a build context whose Dockerfile installs
 * `requirements.txt` and copies the rest: the requirements go into a virtual environment of the machine's own Python, and
 * a task's command runs in it as a plain process. Without that file, the programs are those of the emulator's Python.
 */
export class ImageStore {
  private readonly images = new Map<string, BuiltImage>();
  private turn: Promise<unknown> = Promise.resolve();

  public constructor(private readonly options: ImageStoreOptions) {}

  public get(uri: string): BuiltImage | undefined {
    return this.images.get(uri);
  }

  /**
   * Builds one image after the other. `archive` is the source as CodeBuild gets it: a zip. Throws an Error that says what failed, and
   * where `signal` ends it.
   */
  public async build(uri: string, archive: Buffer, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
    const mine = this.turn.then(async () => this.make(uri, archive, onLine, signal));
    this.turn = mine.catch(() => undefined);
    await mine;
  }

  private async make(uri: string, archive: Buffer, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const folder = path.join(this.options.folder, 'images', digest(uri));
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const zip = path.join(folder, 'source.zip');
    fs.writeFileSync(zip, archive);
    await runProgram(this.options.python, ['-m', 'zipfile', '-e', zip, folder], { cwd: folder, onLine, signal });
    fs.rmSync(zip);
    const requirements = path.join(folder, 'requirements.txt');
    if (!fs.existsSync(path.join(folder, 'Dockerfile'))) {
      throw new Error('the source of an image must have a Dockerfile, got none');
    }
    if (!fs.existsSync(requirements)) {
      onLine('the source has no requirements.txt: the programs of this image are those of the local cloud\'s own Python');
      this.images.set(uri, { folder, venv: path.dirname(path.dirname(this.options.python)) });
      return;
    }
    this.images.set(uri, { folder, venv: await this.environment(requirements, onLine, signal) });
  }

  private async environment(requirements: string, onLine: (line: string) => void, signal: AbortSignal): Promise<string> {
    const { shared, python } = this.options;
    const content = fs.readFileSync(requirements, 'utf8');
    const strictly = content.includes('--hash=') ? ['--no-deps', '--require-hashes', '--only-binary', ':all:'] : [];
    const venv = path.join(shared, `venv-${digest(content)}`);
    const marker = path.join(venv, '.installed');
    if (fs.existsSync(marker)) {
      onLine(`requirements.txt is installed already: ${venv}`);
      return venv;
    }
    fs.rmSync(venv, { recursive: true, force: true });
    await runProgram(python, ['-m', 'venv', venv], { cwd: shared, onLine, signal });
    await runProgram(path.join(venv, 'bin', 'python'), [
      '-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--progress-bar', 'off', ...strictly, '-r', requirements,
    ], { cwd: shared, onLine, signal });
    fs.writeFileSync(marker, '');
    return venv;
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
