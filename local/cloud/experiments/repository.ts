import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { LocalCloud } from '../cloud';
import { cloudEnvironment, type Environment } from '../environment';
import { inCheckout } from '../folder';
import { LocalProblem } from '../problem';
import type { Session } from '../session';

const RAW = inCheckout('examples', 'dvc-experiments', 'scripts', 'raw.py');
/** A person who is nobody: git wants to know who commits. */
const AUTHOR = { GIT_AUTHOR_NAME: 'you', GIT_AUTHOR_EMAIL: 'you@experiments.invalid' };

/** What DVC says of a folder: the MD5 of its list, by its path in the repository. */
export type Digests = Readonly<Record<string, string>>;

/** The data of a trial. */
export interface TrialData { readonly name: string; readonly branch: string; readonly commit: string; readonly files: Digests }

/** The user's side of the example: a shell with git, DVC and MLflow, pointed at the local cloud. */
export class ExperimentsRepository {
  private readonly env: Environment;

  public constructor(private readonly cloud: LocalCloud, private readonly session: Session, private readonly python: string) {
    const base = cloudEnvironment(cloud.folder, cloud.endpoints);
    this.env = {
      ...base, ...AUTHOR, GIT_COMMITTER_NAME: AUTHOR.GIT_AUTHOR_NAME, GIT_COMMITTER_EMAIL: AUTHOR.GIT_AUTHOR_EMAIL, GIT_TERMINAL_PROMPT: '0',
      PATH: `${path.dirname(python)}${path.delimiter}${base.PATH ?? ''}`, DVC_NO_ANALYTICS: '1', PYTHONDONTWRITEBYTECODE: '1',
    };
  }

  /** What README.md of the example says: `setup` is the output of the stack, as it is pasted. */
  public async seed(setup: string): Promise<void> {
    await this.bash('the raw data', this.emptyFolder('data'), [
      setup, `python ${quoted(RAW)} data/raw.csv`, 'dvc add data/raw.csv', 'git add --all',
      'git diff --cached --quiet || git commit -m "Raw data"', // in a cloud that runs, they are there already
      'dvc push', 'git push origin HEAD:main',
    ]);
  }

  /** Runs commands where the raw data were made. */
  public async inClone(what: string, commands: readonly string[]): Promise<void> {
    await this.bash(what, path.join(this.folder('data'), 'data'), commands);
  }

  /** The clones of all trials by their names, see `pull`. Throws where two trials have the same data. */
  public async pullAll(url: string, trials: readonly TrialData[]): Promise<ReadonlyMap<string, string>> {
    const all = trials.map(({ files }) => JSON.stringify(files));
    if (new Set(all).size !== all.length) {
      throw new LocalProblem(`each trial must have its own data, got ${all.join(' and ')}`);
    }
    return new Map(await Promise.all(trials.map(async (trial) => [trial.name, await this.pull(url, trial)] as const)));
  }

  /**
   * Clones a branch anew, pulls its data, and compares their bytes with the digests. Returns the folder of the clone. Throws where the
   * commit or a digest is another one.
   */
  public async pull(url: string, { branch, commit, files }: TrialData): Promise<string> {
    const folder = this.emptyFolder(branch);
    await this.bash(`the data of ${branch}`, folder, [
      `git clone --branch ${branch} ${url} clone`, 'cd clone', `test "$(git rev-parse HEAD)" = ${commit}`, 'dvc pull',
    ]);
    const clone = path.join(folder, 'clone');
    for (const [name, digest] of Object.entries(files)) {
      const got = folderDigest(path.join(clone, name));
      if (got !== digest) {
        throw new LocalProblem(`${name} of branch ${branch} has the digest ${got}, the processing job said ${digest}`);
      }
    }
    return clone;
  }

  /** Runs a Python program of this checkout, and returns what it printed. */
  public async runPython(what: string, args: readonly string[], env: Environment): Promise<string> {
    const { folder } = this.cloud;
    const { code, lines } = await this.session.run({
      name: what, command: this.python, args, env: { ...this.env, ...env }, cwd: folder.root,
    });
    if (code !== 0) {
      throw new LocalProblem(`${what}: Python ended with exit code ${code}:`, lines);
    }
    return lines.join('\n');
  }

  private folder(name: string): string {
    return path.join(this.cloud.folder.tmp, 'experiments', name);
  }

  private emptyFolder(name: string): string {
    const folder = this.folder(name);
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    return folder;
  }

  private async bash(what: string, cwd: string, commands: readonly string[]): Promise<void> {
    const { code, lines } = await this.session.run({
      name: what, command: 'bash', args: ['-e', '-u', '-c', commands.join('\n')], env: this.env, cwd,
    });
    if (code !== 0) {
      throw new LocalProblem(`${what}: the shell ended with exit code ${code}:`, lines.slice(-15));
    }
  }
}

/** As DVC makes it of a folder: the MD5 of a list of its files, which is JSON as Python writes it. */
export function folderDigest(folder: string): string {
  const files = fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => fs.statSync(path.join(folder, name)).isFile()).sort();
  const entries = files.map((name) => (
    `{"md5": "${md5(fs.readFileSync(path.join(folder, name)))}", "relpath": ${JSON.stringify(name.split(path.sep).join('/'))}}`
  ));
  return `${md5(`[${entries.join(', ')}]`)}.dir`;
}

function md5(content: Buffer | string): string {
  return createHash('md5').update(content).digest('hex');
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
