import { existsSync } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as os from 'node:os';
import * as path from 'node:path';
import { JobFailure } from '../job';

/** Where a container of SageMaker finds its inputs, and leaves its outputs. */
const CONTRACT = '/opt/ml';
/** `/opt/ml` and what is below it, but not `/opt/mlflow` or `/data/opt/ml`. */
const CONTRACT_PATH = /(?<![\w.-])\/opt\/ml(?![\w.-])/g;

/**
 * The folder that plays the root of a container. No container engine is here, so a job's process sees the machine's own
 * root: `/opt/ml` in its command, its environment and its hyperparameters is replaced by the folder. A program that has
 * the path in its own text does not find it; it should take it from its arguments, or from where it lies itself.
 */
export class JobRoot {
  private constructor(private readonly folder: string) {}

  public static async create(parent = os.tmpdir()): Promise<JobRoot> {
    await fs.mkdir(parent, { recursive: true });
    const root = new JobRoot(await fs.mkdtemp(path.join(parent, 'sagemaker-job-'))); // mode 0700
    await fs.mkdir(root.at(CONTRACT), { recursive: true });
    await fs.mkdir(root.temporary);
    return root;
  }

  /** The working directory. */
  public get home(): string {
    return this.folder;
  }

  public get temporary(): string {
    return path.join(this.folder, 'tmp');
  }

  /** Where a path of the container is on this machine. Throws a JobFailure for a path that leads out of the folder. */
  public at(containerPath: string): string {
    const full = path.join(this.folder, containerPath);
    if (full !== this.folder && !full.startsWith(this.folder + path.sep)) {
      throw new JobFailure(`ClientError: the path ${containerPath} leads out of the container`);
    }
    return full;
  }

  /** A text for the process. */
  public translated(text: string): string {
    return text.replaceAll(CONTRACT_PATH, () => this.at(CONTRACT));
  }

  public async makeFolder(containerPath: string): Promise<void> {
    await fs.mkdir(this.at(containerPath), { recursive: true });
  }

  public async write(containerPath: string, content: Buffer | string): Promise<void> {
    const file = this.at(containerPath);
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, content);
  }

  /** Undefined if there is no such file. */
  public async read(containerPath: string): Promise<Buffer | undefined> {
    const file = this.at(containerPath);
    return existsSync(file) ? fs.readFile(file) : undefined;
  }

  /** The files below a folder, by their paths in it. Links to files are followed. */
  public async files(containerPath: string): Promise<ReadonlyMap<string, Buffer>> {
    const folder = this.at(containerPath);
    const names = await fs.readdir(folder, { recursive: true });
    const files = new Map<string, Buffer>();
    for (const name of names.sort()) {
      const file = path.join(folder, name);
      if ((await fs.stat(file)).isFile()) {
        files.set(name.split(path.sep).join('/'), await fs.readFile(file));
      }
    }
    return files;
  }

  public async remove(): Promise<void> {
    await fs.rm(this.folder, { recursive: true, force: true });
  }
}
