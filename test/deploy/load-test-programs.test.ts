import { execFile } from 'node:child_process';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { CHECKOUT, LocalFolder } from '../../local/cloud/folder';

const FOLDER = path.join(CHECKOUT, 'load-test');
const run = promisify(execFile);

describe('the programs of the load test\'s containers', () => {
  const venv = path.join(CHECKOUT, '.local', 'load-test-programs');
  const python = path.join(venv, 'bin', 'python');

  beforeAll(async () => {
    await run(LocalFolder.at().python, ['-m', 'venv', '--clear', venv]);
    // As the Dockerfile does it.
    const pip = ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--no-deps', '--require-hashes', '--only-binary', ':all:'];
    await run(python, [...pip, '-r', path.join(FOLDER, 'requirements.txt')]);
  });

  test('have requirements that are complete', async () => {
    await expect(run(python, ['-m', 'pip', 'check'])).resolves.toMatchObject({ stdout: expect.stringContaining('No broken requirements') as unknown });
  });

  test.each(['test_failures', 'test_figures', 'test_payloads', 'test_run'])('pass %s of unittest', async (module) => {
    const { stderr } = await run(python, ['-m', 'unittest', `test.${module}`], { cwd: FOLDER });
    expect(stderr).toMatch(/Ran [1-9]\d* tests? in [^]*\nOK/);
  });
});
