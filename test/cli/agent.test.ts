import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { addModel } from '../local/sagemaker/onnx-bytes';
import { COMMAND, Workplace } from './command-line';

const place = new Workplace();
afterAll(() => {
  place.remove();
});
beforeAll(() => {
  writeFileSync(place.in('sum.onnx'), addModel([1, 4]));
  expect(place.run(['pack', 'sum.onnx', '-o', 'package'])).toMatchObject({ status: 0 });
});

const linux = process.platform === 'linux' ? test : test.skip; // the agent runs on nothing else

linux('agent says that it unpacks itself, loads the packages, answers the client of the same folder, and ends in order by one signal', async () => {
  const child = spawn(process.execPath, [COMMAND, 'agent', 'package'], {
    cwd: place.folder, env: { PATH: process.env.PATH, XDG_CACHE_HOME: place.in('cache') }, stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  await new Promise<void>((resolve) => {
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString();
      if (log.includes('Model:sum loaded!')) {
        resolve();
      }
    });
    child.once('close', () => { // the assertions below say why
      resolve();
    });
  });
  expect(log).toMatch(new RegExp(`^cdk-sagemaker-edge: unpacking the agent and ONNX Runtime for linux-${process.arch} into ${place.in('cache')}`));
  expect(log).toContain('Model:sum loaded!');
  expect(place.run(['client', 'ListModels'])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^sum /) as unknown });
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  child.kill('SIGINT'); // as Ctrl-C through npx: twice, within moments
  child.kill('SIGINT');
  expect(await ended).toBe(0);
});

linux('agent install writes all that systemd needs below one folder, and says how to enable it', () => {
  const { status, stdout } = place.run(['agent', 'install', 'package', '--folder', 'installed', '--user', 'edge']);
  expect(status).toBe(0);
  const root = place.in('installed');
  expect(stdout).toContain(`cp ${root}/sagemaker-edge-agent@.service /etc/systemd/system/ && systemctl daemon-reload && systemctl enable --now sagemaker-edge-agent@local`);
  const unit = readFileSync(`${root}/sagemaker-edge-agent@.service`, 'utf8');
  expect(unit).toContain(`ExecStart=${process.execPath} ${root}/%i/agent/agent.js -a ${root}/run/%i.sock -c ${root}/%i/config.json`);
  expect(unit).toContain('User=edge');
  for (const file of ['local/agent/agent.js', 'local/agent/libonnxruntime.so.1', 'models/sum/sagemaker_edge_manifest', 'run', 'data/roots']) {
    expect([file, existsSync(`${root}/${file}`)]).toEqual([file, true]);
  }
  expect(JSON.parse(readFileSync(`${root}/local/config.json`, 'utf8'))).toMatchObject({
    sagemaker_edge_models: [{ name: 'sum', path: `${root}/models/sum` }],
  });
});

describe('agent fails', () => {
  test.each([
    ['a folder is no package', ['.'], 'is no model package: it has no sagemaker_edge_manifest'],
    ['there is no such configuration', ['-c', 'none.json'], 'there is no file '],
    ['packages and a configuration are given', ['package', '-c', 'package/sagemaker_edge_manifest'], 'give --config or packages, not both'],
    ['the socket\'s path is too long', ['-a', `/tmp/${'a'.repeat(110)}`], 'the path of a socket may have 107 bytes, '],
  ])('when %s', (_, args, message) => {
    expect(place.run(['agent', ...args])).toMatchObject({ status: 2, stderr: expect.stringContaining(message) as unknown });
  });

  test('when the folder to install into exists', () => {
    mkdirSync(place.in('there'));
    expect(place.run(['agent', 'install', '--folder', 'there'])).toMatchObject({
      status: 2, stderr: expect.stringContaining('--folder must be new, got ') as unknown,
    });
  });
});

test('client ends with the code of the client, whose words it shows', () => {
  expect(place.run(['client', '-a', 'none.sock', 'Dance'])).toMatchObject({ status: 2, stderr: expect.stringContaining('Dance') as unknown });
});
