import { spawnSync } from 'node:child_process';

const IGNORED = '.compatignore';

/**
 * Compares the public API with an older one by jsii-diff, and says whether it broke where nobody said so in .compatignore.
 * Both are folders with a .jsii file; the older one may be `npm:<package>@<version>`.
 */
export function breaksApi(older: string, newer = '.', ignored = IGNORED): boolean {
  const args = [older, newer, '--error-on', 'all', '--keys', '--ignore-file', ignored];
  const { status, stderr } = spawnSync('node_modules/.bin/jsii-diff', args, {
    encoding: 'utf8', env: { ...process.env, JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION: '20' },
  });
  process.stderr.write(stderr);
  // jsii-diff ends with 0 where it could not download a package
  if (status === null || status > 1 || stderr.includes('Skipping analysis')) {
    throw new Error(`jsii-diff could not compare ${older} with ${newer}`);
  }
  return status === 1;
}

/** The newest version on npm, or nothing where the package was never released. */
export function lastRelease(name: string): string | undefined {
  const { status, stdout, stderr } = spawnSync('npm', ['view', name, 'version', '--json'], { encoding: 'utf8' });
  if (status === 0) {
    return JSON.parse(stdout) as string;
  }
  if (stderr.includes('E404')) {
    return undefined;
  }
  throw new Error(`npm did not say which version of ${name} is the last one:\n${stderr}`);
}
