import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProcessGroup, runs, type ProcessSpec } from '../../../local/cloud/processes';
import { LocalProblem } from '../../../local/cloud/problem';
import { Session } from '../../../local/cloud/session';
import { temporaryFolder } from '../temporary-folder';

const folder = temporaryFolder();
let session: Session;
beforeEach(() => { session = new Session(); });
afterEach(async () => session.stopAll());
afterAll(() => { folder.remove(); });

const shell = (script: string, more: Partial<ProcessSpec> = {}): ProcessSpec =>
  ({ name: 'script', command: '/bin/sh', args: ['-c', script], env: { PATH: process.env.PATH }, cwd: folder.root, ...more });
const living = (pid: number): boolean => runs(pid, 'sh');

async function pidIn(file: string): Promise<number> {
  const whole = path.join(folder.root, file);
  while (!fs.existsSync(whole) || fs.readFileSync(whole, 'utf8').trim() === '') { await sleep(20); }
  return Number(fs.readFileSync(whole, 'utf8'));
}

test('a program runs to its end, and its last lines and exit code are known', async () => {
  expect(await session.run(shell('echo one; echo two >&2; exit 3'))).toEqual({ code: 3, lines: ['one', 'two'] });
});

test('each line is handed on as it comes', async () => {
  const lines: string[] = [];
  await session.run(shell('echo a; echo b', { onLine: (line) => { lines.push(line); } }));
  expect(lines).toEqual(['a', 'b']);
});

test('a program that cannot be started is named', async () => {
  await expect(session.run(shell('', { command: '/no/such/program' }))).rejects.toThrow(/script could not be started: .*ENOENT/);
});

test('stopping takes the children along, those too that ignore SIGTERM', async () => {
  const group = await session.start(shell('trap "" TERM; sh -c \'trap "" TERM; echo $$ > stubborn; while :; do sleep 0.1; done\' & wait; while :; do sleep 0.1; done'));
  const child = await pidIn('stubborn');
  await session.stop(group);
  expect([living(group.pid), living(child)]).toEqual([false, false]);
}, 10_000);

test('an abort ends the step under way with its reason, and what the step ran is gone before the step has ended', async () => {
  const running = session.run(shell('echo $$ > aborted; sleep 60'));
  const pid = await pidIn('aborted');
  session.abort(new LocalProblem('stopped by SIGINT', [], 130));
  await expect(running).rejects.toMatchObject({ message: 'stopped by SIGINT', exitCode: 130 });
  expect(living(pid)).toBe(false);
});

test('nothing is started after an abort', async () => {
  session.abort(new LocalProblem('stopped'));
  await expect(session.run(shell('echo $$ > never; sleep 60'))).rejects.toThrow('stopped');
});

test('the end of a watched process aborts the step under way, with its last lines', async () => {
  const log = folder.log('dying');
  const group = await session.start(shell('sleep 0.2; echo out of memory; exit 7', { name: 'emulator', logFile: log }));
  session.watch(group, log);
  await expect(session.step(async () => sleep(10_000, undefined, { ref: false }))).rejects.toMatchObject({
    message: expect.stringMatching(/emulator has ended unexpectedly \(exit code 7\)/) as unknown, advice: ['out of memory', `The whole log: ${log}`],
  });
});

test('a watched process that is stopped on purpose aborts nothing', async () => {
  const group = await session.start(shell('sleep 60'));
  session.watch(group, 'log');
  await session.stop(group);
  await expect(session.step(async () => Promise.resolve('fine'))).resolves.toBe('fine');
});

test('a process number that belongs to another program now is not ours', () => {
  expect([runs(process.pid, 'node'), runs(process.pid, 'certainly not this')]).toEqual([true, false]);
});

test('a message of a child that ends without one is an error with its last lines', async () => {
  const group = await ProcessGroup.start(shell('echo broken', { ipc: true, logFile: folder.log('silent') }));
  await expect(group.message()).rejects.toMatchObject({ message: 'script ended before it was ready', advice: ['broken'] });
});
