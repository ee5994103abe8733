import { homedir } from 'node:os';
import { join } from 'node:path';

/** What is slow to make and the same for every app: the unpacked agent, the emulator's Python packages. Safe to delete. */
export function cacheFolder(): string {
  const { XDG_CACHE_HOME: given } = process.env;
  return join(given === undefined || given === '' ? join(homedir(), '.cache') : given, 'cdk-sagemaker-edge');
}

/** A folder or file of the package that this bundle is part of, in `assets`. */
export function inAssets(...names: string[]): string {
  return join(__dirname, '..', ...names);
}
