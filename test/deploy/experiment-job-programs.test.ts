import { execFile } from 'node:child_process';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { CHECKOUT, LocalFolder } from '../../local/cloud/folder';

const run = promisify(execFile);

test('the programs of an experiment\'s jobs pass their unit tests', async () => {
  const { stderr } = await run(LocalFolder.at().python, ['-m', 'unittest', 'test.test_job'], {
    cwd: path.join(CHECKOUT, 'experiment-job'), env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
  });
  expect(stderr).toMatch(/Ran [1-9]\d* tests? in [^]*\nOK/);
});
