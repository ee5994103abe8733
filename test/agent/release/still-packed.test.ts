import { spawnSync } from 'node:child_process';
import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packedRelease } from '../../../agent/release/packed';
import { agentBundle, baseConfig, scratchFolder } from '../support/agent-process';

test('an agent whose library is still packed says so at start, and how to unpack it', () => {
  const folder = scratchFolder();
  copyFileSync(join(agentBundle(), 'agent.js'), join(folder, 'agent.js'));
  const library = { file: 'libonnxruntime.so.1', machine: 'x64', sha256: 'a'.repeat(64), content: Buffer.from('packed') } as const;
  for (const { path, content } of packedRelease({}, [library])) {
    writeFileSync(join(folder, path), content);
  }
  writeFileSync(join(folder, 'config.json'), JSON.stringify(baseConfig(folder)));
  const { status, stderr } = spawnSync(
    process.execPath, [join(folder, 'agent.js'), '-a', join(folder, 'agent.sock'), '-c', join(folder, 'config.json')], { encoding: 'utf8' },
  );
  expect(status).toBe(2);
  expect(stderr).toContain(`libonnxruntime.so.1 in ${folder} is still packed, so that no model can be loaded: run 'node unpack.js ${folder} <folder>'`);
});
