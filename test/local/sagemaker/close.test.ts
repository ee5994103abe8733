import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startFixture } from './fakes';

const PROGRAM = `
  const { startFixture, RECOGNISER } = require('${join(__dirname, 'fakes.ts')}');
  const { compilationRequest } = require('${join(__dirname, 'requests.ts')}');
  const { CreateCompilationJobCommand } = require('@aws-sdk/client-sagemaker');
  (async () => {
    const fixture = await startFixture({ startingMs: 1, runningMs: 60000 });
    const uri = await fixture.storage.putArchive('big.tar.gz', { 'model.onnx': RECOGNISER });
    await fixture.root.send(new CreateCompilationJobCommand(compilationRequest('job', { InputConfig: { S3Uri: uri, Framework: 'ONNX', DataInputConfig: '{"x":[1,3,48,320]}' } })));
    const compilers = () => process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length;
    while (compilers() === 0) { await new Promise((resolve) => { setTimeout(resolve, 5); }); }
    await fixture.close();
    console.log(JSON.stringify({ compilers: compilers(), writes: fixture.storage.writes }));
  })();
`;

test('after close() nothing keeps the process alive, in the middle of a compilation too, and no folder is left', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stand-in-close-'));
  const child = spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), '--eval', PROGRAM], {
    cwd: join(__dirname, '../../..'), env: { ...process.env, TMPDIR: folder, TSX_DISABLE_CACHE: '1' }, stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (data: Buffer) => {
    output += data.toString();
  });
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(JSON.parse(output)).toEqual({ compilers: 0, writes: [] });
  expect(readdirSync(folder).filter((name) => name.startsWith('sagemaker-compile-'))).toEqual([]);
  rmSync(folder, { recursive: true });
}, 30_000);

test('a second close() is no error', async () => {
  const fixture = await startFixture();
  await fixture.close();
  await expect(fixture.standIn.close()).resolves.toBeUndefined();
});
