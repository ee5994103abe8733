import type { LocalFolder } from './folder';
import { LocalProblem } from './problem';
import type { Session } from './session';

const CANDIDATES = ['python3', 'python', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];

/** Who needs a Python, in words, and the oldest that will do. */
export interface PythonNeed { readonly who: string; readonly oldest: readonly [major: number, minor: number] }

/** What the probe prints about an interpreter. */
export interface Interpreter {
  readonly executable: string;
  readonly version: readonly [number, number, number];
  readonly missing: readonly string[];
}

const PROBE = `
import importlib.util, json, sys
print(json.dumps({"executable": sys.executable, "version": list(sys.version_info[:3]),
                  "missing": [m for m in ("venv", "ensurepip") if importlib.util.find_spec(m) is None]}))`;

/** The one that PYTHON names, or the first of this machine that is recent and whole. Throws a LocalProblem that says what to install. */
export async function findPython(session: Session, folder: LocalFolder, need: PythonNeed): Promise<Interpreter> {
  const { PYTHON } = process.env;
  const found: Interpreter[] = [];
  for (const command of PYTHON === undefined || PYTHON === '' ? CANDIDATES : [PYTHON]) {
    const interpreter = await probe(session, command, folder);
    if (!interpreter) {
      continue;
    }
    if (isRecent(interpreter, need) && interpreter.missing.length === 0) {
      return interpreter;
    }
    found.push(interpreter);
  }
  throw pythonProblem(found, PYTHON, need);
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

function isRecent({ version: [major, minor] }: Interpreter, { oldest }: PythonNeed): boolean {
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

/** Says what was found and what to install. */
function pythonProblem(found: readonly Interpreter[], given: string | undefined, need: PythonNeed): LocalProblem {
  const { who, oldest } = need;
  const version = oldest.join('.');
  const other = 'or point at another interpreter: PYTHON=/path/to/python3';
  const whole = found.find((interpreter) => isRecent(interpreter, need));
  if (whole) {
    return new LocalProblem(`${who} needs ${whole.missing.join(' and ')}, which ${whole.executable} (${whole.version.join('.')}) lacks`, [
      'install it (Debian, Ubuntu: apt install python3-venv)', other,
    ]);
  }
  const old = found[0];
  const none = given === undefined || given === '' ? 'there is no python3' : `PYTHON=${given} does not run`;
  const got = old ? `${old.executable} is ${old.version.join('.')}` : none;
  return new LocalProblem(`${who} needs Python ${version} or later; ${got}`, [
    'install it (Debian, Ubuntu: apt install python3 python3-venv; macOS: brew install python)',
    other,
  ]);
}
