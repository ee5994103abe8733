import * as path from 'node:path';
import { pathToFileURL } from 'node:url';

/** In the package, everything is bundled into the folder of this file; in a checkout it is TypeScript that tsx runs. */
const IS_PACKAGED = !__filename.endsWith('.ts');
const CHECKOUT = path.resolve(__dirname, '..', '..');

const SOURCES = {
  'stand-ins': ['local', 'stand-ins.ts'],
  'onnx-worker': ['local', 'sagemaker', 'onnx-worker.ts'],
  'synth': ['local', 'bridge', 'synth.ts'],
} as const;

const RESOURCES = {
  'requirements.txt': ['local', 'cloud', 'requirements.txt'],
  'certificates.py': ['local', 'cloud', 'certificates.py'],
  'bridge': ['assets', 'cli', 'bridge'],
} as const;

/** A program of the local cloud, and the options of `node` that it needs. */
export interface Program { readonly execArgv: readonly string[]; readonly file: string }

export function program(name: keyof typeof SOURCES): Program {
  if (IS_PACKAGED) {
    return { execArgv: [], file: path.join(__dirname, `${name}.js`) };
  }
  const loader = path.join(CHECKOUT, 'node_modules', 'tsx', 'dist', 'loader.mjs');
  return { execArgv: ['--import', pathToFileURL(loader).href], file: path.join(CHECKOUT, ...SOURCES[name]) };
}

/** A file or folder that the local cloud brings along. */
export function resource(name: keyof typeof RESOURCES): string {
  return IS_PACKAGED ? path.join(__dirname, name) : path.join(CHECKOUT, ...RESOURCES[name]);
}
