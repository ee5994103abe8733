import * as path from 'node:path';
import { pathToFileURL } from 'node:url';

/** As the first argument: that `main.js` of the package is to be the process of the stand-ins. */
export const STAND_INS = 'stand-ins';

/** In the package, everything is bundled into the folder of this file; in a checkout it is TypeScript that tsx runs. */
const IS_PACKAGED = !__filename.endsWith('.ts');
const CHECKOUT = path.resolve(__dirname, '..', '..');

const SOURCES = {
  [STAND_INS]: ['local', 'stand-ins.ts'],
  'onnx-worker': ['local', 'sagemaker', 'onnx-worker.ts'],
  'model-server': ['local', 'sagemaker', 'hosting', 'model-server.ts'],
  'synth': ['local', 'bridge', 'synth.ts'],
} as const;

const RESOURCES = {
  'requirements.txt': ['local', 'cloud', 'requirements.txt'],
  'source-requirements.txt': ['local', 'cloud', 'source-requirements.txt'],
  'experiments/requirements.txt': ['local', 'cloud', 'experiments', 'requirements.txt'],
  'experiments/source-requirements.txt': ['local', 'cloud', 'experiments', 'source-requirements.txt'],
  'certificates.py': ['local', 'cloud', 'certificates.py'],
  'emulator.py': ['local', 'cloud', 'emulator.py'],
  'bridge': ['assets', 'cli', 'bridge'],
} as const;

/** A program of the local cloud: the options of `node` that it needs, its file, and the arguments before its own. */
export interface Program { readonly execArgv: readonly string[]; readonly file: string; readonly args: readonly string[] }

/** As a process of the local cloud starts another: from what it was started from itself. */
export function program(name: keyof typeof SOURCES): Program {
  if (IS_PACKAGED) {
    return bundledProgram(name);
  }
  const loader = path.join(CHECKOUT, 'node_modules', 'tsx', 'dist', 'loader.mjs');
  return { execArgv: ['--import', pathToFileURL(loader).href], file: path.join(CHECKOUT, ...SOURCES[name]), args: [] };
}

/** As the package ships it. In a checkout, scripts/build-assets.ts has made it: it starts in half the time of its TypeScript. */
export function bundledProgram(name: keyof typeof SOURCES): Program {
  const folder = IS_PACKAGED ? __dirname : path.join(CHECKOUT, 'assets', 'cli');
  return name === STAND_INS
    ? { execArgv: [], file: path.join(folder, 'main.js'), args: [STAND_INS] } // one bundle: both hold the same clients of AWS
    : { execArgv: [], file: path.join(folder, `${name}.js`), args: [] };
}

/** Where the bundles find ONNX Runtime's library in a checkout. The package has it in the agent's release. */
export function installedOnnxRuntime(): string | undefined {
  return IS_PACKAGED ? undefined : path.join(CHECKOUT, 'node_modules', 'onnxruntime-node', 'bin', 'napi-v6', process.platform, process.arch);
}

/** A file or folder that the local cloud brings along. */
export function resource(name: keyof typeof RESOURCES): string {
  return IS_PACKAGED ? path.join(__dirname, name) : path.join(CHECKOUT, ...RESOURCES[name]);
}
