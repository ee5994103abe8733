import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import packageJson from '../../../package.json';

/** Starts the launcher as if by that version of Node. */
function start(version: string): { status: number | null; stderr: string } {
  const pretend = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '${version}' } })`;
  return spawnSync(process.execPath, ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, path.resolve('local', 'start.mjs'), 'no-such-command'], { encoding: 'utf8' });
}

test.each(['18.20.8', '20.15.1'])('fails when Node is %s, and says which is needed', (version) => {
  expect(start(version)).toMatchObject({ status: 1, stderr: expect.stringContaining(`needs Node 20.16 or later, this is ${version}`) as string });
});

test.each(['20.16.0', '22.0.0', '24.1.0'])('starts by Node %s', (version) => {
  expect(start(version).stderr).toContain('no-such-command');
});

test('asks for the Node that the package asks for', () => {
  expect(packageJson.engines.node).toBe('>=20.16');
});
