import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';

const STARTER = path.resolve(__dirname, '..', '..', '..', 'local', 'cloud', 'emulator.py');

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) {
    fs.rmSync(folder, { recursive: true, force: true });
  }
});

/** Runs the starter with packages in place of ministack and hypercorn, whose `main` prints what an evaluation gives. */
function start(cloudwatch: string): { status: number | null; stdout: string; stderr: string } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'emulator-'));
  folders.push(folder);
  const files = {
    'ministack/__init__.py': '', 'ministack/services/__init__.py': '', 'ministack/services/cloudwatch.py': cloudwatch,
    'hypercorn/__init__.py': '',
    'hypercorn/__main__.py': 'def main(args):\n  from ministack.services import cloudwatch\n  print(args, cloudwatch._evaluate_all_alarms())\n  return 7\n',
  };
  for (const [name, text] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }
  return spawnSync(process.env.PYTHON ?? 'python3', ['-B', STARTER, '--bind', 'unix:/tmp/x'], {
    env: { PATH: process.env.PATH, PYTHONPATH: folder }, encoding: 'utf8',
  });
}

const evaluating = (name: string): string => `
def _evaluate_alarm(alarm):
  return "evaluated"
def _evaluate_all_alarms():
  return _evaluate_alarm({})
def _put_metric_alarm():
  return ${name}({})
def cloudformation_put_metric_alarm(alarm):
  return _evaluate_alarm(alarm)
`;

test('the emulator is served without an evaluation of alarms of its own', () => {
  const { status, stdout, stderr } = start(evaluating('_evaluate_alarm'));
  expect(stderr).toBe('');
  expect(stdout).toBe('[\'ministack.app:app\', \'--bind\', \'unix:/tmp/x\'] None\n');
  expect(status).toBe(7);
});

test('fails when the emulator evaluates alarms in another way than the one that is turned off', () => {
  const { status, stderr } = start(evaluating('_evaluate_anew'));
  expect(status).toBe(1);
  expect(stderr).toContain('has changed: _put_metric_alarm does not evaluate alarms by _evaluate_alarm any more');
});

test('fails when the emulator has no such function at all', () => {
  expect(start('def _evaluate_all_alarms():\n  pass\n')).toMatchObject({ status: 1, stderr: expect.stringContaining('has changed') as unknown });
});
