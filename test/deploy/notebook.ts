import * as fs from 'node:fs';
import * as path from 'node:path';
import type { ExperimentsRepository } from '../../local/cloud/experiments/repository';
import { isRecord } from '../../local/service/validator';
import { installPackages } from './python-packages';

const REQUIREMENTS = path.join(__dirname, 'notebook', 'requirements.txt');
const PROGRAM = path.join(__dirname, 'notebook', 'execute.py');

/** Jupyter's kernel and nbclient as themselves, beside the packages of experiments. */
export class Jupyter {
  private constructor(private readonly packages: string) {}

  /** `python` is that of the experiments. */
  public static async install(python: string): Promise<Jupyter> {
    return new Jupyter(await installPackages({ name: 'jupyter', python, requirements: REQUIREMENTS }));
  }

  /**
   * Executes a notebook in a new folder as the user of a repository, and returns what each cell of code shows, as text. Throws with the
   * error of the cell that fails.
   */
  public async execute(
    repository: Pick<ExperimentsRepository, 'runPython'>, notebook: string, folder: string, env: Readonly<Record<string, string>> = {},
  ): Promise<string[]> {
    fs.mkdirSync(folder, { recursive: true });
    const executed = path.join(folder, 'executed.ipynb');
    await repository.runPython(path.basename(notebook), [PROGRAM, notebook, folder, executed], {
      PYTHONPATH: this.packages, JUPYTER_PATH: path.join(this.packages, 'share', 'jupyter'), // no kernel of this machine's
      ...env,
    });
    return shown(JSON.parse(fs.readFileSync(executed, 'utf8')));
  }
}

/** What the cells of code of a notebook show, as text. */
export function shown(notebook: unknown): string[] {
  return codeCells(notebook).map(({ outputs }) => records(outputs).map(outputText).join('\n'));
}

export function codeCells(notebook: unknown): Record<string, unknown>[] {
  return records(isRecord(notebook) ? notebook.cells : undefined).filter((cell) => cell.cell_type === 'code');
}

function outputText({ data, text }: Record<string, unknown>): string {
  const { 'text/plain': plain } = isRecord(data) ? data : {};
  const lines = text ?? plain;
  return Array.isArray(lines) ? lines.join('') : ''; // a file has each text as a list of lines
}

function records(list: unknown): Record<string, unknown>[] {
  const all: unknown[] = Array.isArray(list) ? list : [];
  return all.filter(isRecord);
}
