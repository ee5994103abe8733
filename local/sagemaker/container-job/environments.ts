import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { ProcessGroup } from '../../cloud/processes';

type Variables = Readonly<Record<string, string | undefined>>;

export interface JobEnvironmentOptions {
  /** The virtual environment of an image that was built here. */
  readonly built: (imageUri: string) => string | undefined;
  /** The emulator's, for any other image. */
  readonly own: string;
  /** That of experiments, where this cloud has one, for AWS's own containers of scikit-learn and PyTorch. */
  readonly experiments: string | undefined;
  /** Where pip keeps what it has fetched. */
  readonly pipCache: string;
  /** Of the process of a job, for the `PATH` of its programs. */
  readonly variables: (searchPath: string) => Variables;
}

/** By the repository: the account differs from region to region. */
const AWS_CONTAINERS = /\/(sagemaker-scikit-learn|pytorch-training|pytorch-inference)[:@]/;
/** Settings of pip that the user has, for an index or a proxy of theirs. */
const PIP_SETTINGS = 'PIP_';

/**
 * The Python of a job: a virtual environment of the job's own above that of its image. A job may install what it likes, as in a container:
 * it goes with the job. What the image's environment has is not installed again.
 */
export class JobEnvironments {
  public constructor(private readonly options: JobEnvironmentOptions) {}

  /** The variables of a job's process. `folder` is the job's own. Throws an Error with the last lines of Python where none can be made. */
  public async of(imageUri: string, folder: string): Promise<Variables> {
    const { variables, pipCache } = this.options;
    const base = this.base(imageUri);
    const own = path.join(folder, '.venv');
    await layer(base, own);
    const bins = [own, base].map((venv) => path.join(venv, 'bin'));
    const pip = Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith(PIP_SETTINGS)));
    return { ...variables(bins.join(path.delimiter)), ...pip, PIP_CACHE_DIR: pipCache, PIP_NO_WARN_SCRIPT_LOCATION: '1' };
  }

  private base(imageUri: string): string {
    const { built, own, experiments } = this.options;
    return built(imageUri) ?? (AWS_CONTAINERS.test(imageUri) ? experiments : undefined) ?? own;
  }
}

/** `--system-site-packages` would not do: it shows the packages of the interpreter that `base` was made by, and not those of `base`. */
async function layer(base: string, folder: string): Promise<void> {
  const group = await ProcessGroup.start({
    name: 'venv', command: path.join(base, 'bin', 'python'), args: ['-m', 'venv', '--without-pip', folder], env: process.env, cwd: path.dirname(folder),
  });
  const { code } = await group.ended;
  if (code !== 0) {
    throw new Error(`the environment of the job could not be made from ${base}: ${group.lastLines(8).join('\n')}`);
  }
  await fs.writeFile(path.join(await packages(folder), 'image.pth'), `import site; site.addsitedir(${JSON.stringify(await packages(base))})\n`);
}

async function packages(venv: string): Promise<string> {
  const lib = path.join(venv, 'lib');
  const version = (await fs.readdir(lib)).find((name) => name.startsWith('python3'));
  if (version === undefined) {
    throw new Error(`${lib} has no folder of Python's packages`);
  }
  return path.join(lib, version, 'site-packages');
}
