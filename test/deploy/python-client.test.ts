import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { CHECKOUT, LocalFolder } from '../../local/cloud/folder';
import { AgentProcess, scratchFolder } from '../agent/support/agent-process';
import { writePackage } from '../agent/support/models';
import { CLASSIFIER } from '../ocr-models';

const EXAMPLE = path.join(CHECKOUT, 'examples', 'python-client');
const run = promisify(execFile);

describe.each([
  { packages: 'the present packages', requirements: 'requirements.txt', options: [] },
  { packages: 'protobuf 3.20 and grpcio 1.62', requirements: 'requirements-oldest.txt', options: ['--no-deps'] },
])('a Python client with $packages', ({ requirements, options }) => {
  const venv = path.join(CHECKOUT, '.local', `python-client-${path.basename(requirements, '.txt')}`);
  const python = path.join(venv, 'bin', 'python');
  let agent: AgentProcess;
  let folder: string;

  beforeAll(async () => {
    await run(LocalFolder.at().python, ['-m', 'venv', '--clear', venv]);
    const pip = ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--only-binary', ':all:', ...options];
    await run(python, [...pip, '-r', path.join(EXAMPLE, requirements)]);
    folder = scratchFolder();
    agent = await AgentProcess.start({ folder });
  });
  afterAll(() => agent.stop());

  async function client(model: string, name: string): Promise<{ code: number | null; output: string }> {
    const args = [path.join(EXAMPLE, 'client.py'), '--socket', agent.socketPath, '--model', model, '--name', name, '--shape', '1,3,48,192'];
    return new Promise((resolve) => {
      const child = execFile(python, args, (_, stdout, stderr) => {
        resolve({ code: child.exitCode, output: stdout + stderr });
      });
    });
  }

  test('makes its stubs from the .proto, loads, predicts and captures', async () => {
    const model = writePackage(path.join(folder, 'model'), CLASSIFIER, { name: 'angle' });
    expect(await client(model, 'angle')).toEqual({
      code: 0,
      output: expect.stringMatching(/^loaded angle: x [^]*predicted \S+ \[1, 2\]: 8 bytes\ncaptured \S+ SUCCESS\n$/) as unknown,
    });
    const records = fs.readdirSync(path.join(folder, 'disk'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.jsonl'));
    expect(records).toHaveLength(1);
  });

  test('ends with code 1 and the agent\'s reason where the agent refuses', async () => {
    const { code, output } = await client(path.join(folder, 'absent'), 'absent');
    expect(code).toBe(1);
    expect(output).toMatch(/NOT_FOUND|INVALID_ARGUMENT|FAILED_PRECONDITION/);
  });
});
