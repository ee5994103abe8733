import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Proc } from '../../../../agent/client/load-test/proc';

const root = mkdtempSync(join(tmpdir(), 'proc-'));
const proc = new Proc(root);
afterAll(() => {
  rmSync(root, { recursive: true });
});

function process(pid: number, parent: number, user: number, system: number, name = 'node'): void {
  mkdirSync(join(root, `${pid}`, 'fd'), { recursive: true });
  writeFileSync(join(root, `${pid}`, 'stat'), `${pid} (${name}) S ${parent} 1 1 0 -1 0 0 0 0 0 ${user} ${system} 0 0 20 0 1 0 100\n`);
}

beforeAll(() => {
  writeFileSync(join(root, 'stat'), 'cpu  100 20 30 5000 70 4 5 6 9 9\ncpu0 1 2 3 4 5 6 7 8 9 10\n');
  process(10, 1, 50, 5);
  process(11, 10, 30, 3, 'a (b) c');
  process(12, 11, 7, 0);
  process(20, 1, 1000, 0);
  mkdirSync(join(root, 'net'));
  writeFileSync(join(root, 'net', 'unix'), [
    'Num       RefCount Protocol Flags    Type St Inode Path', '0000: 00000003 00000000 00000000 0001 03 501 /run/agent.sock',
    '0000: 00000002 00000000 00010000 0001 01 500 /run/agent.sock', '0000: 00000002 00000000 00010000 0001 01 700 /run/other.sock', '',
  ].join('\n'));
  symlinkSync('socket:[501]', join(root, '20', 'fd', '3'));
  symlinkSync('socket:[500]', join(root, '11', 'fd', '7'));
});

it('busy ticks of the machine leave idle time and waiting for disks out, and count a guest once', () => {
  expect(proc.machineTicks()).toBe(100 + 20 + 30 + 4 + 5 + 6);
});

it('ticks of a process are those of its children and their children too, whatever their names', () => {
  expect(proc.treeTicks(10)).toBe(55 + 33 + 7);
});

it('fails when the process has ended', () => {
  expect(() => proc.treeTicks(99)).toThrow('process 99 has ended');
});

it('the process that listens on a socket is found, not one that is connected to it', () => {
  expect(proc.listenerOf('/run/agent.sock')).toBe(11);
});

it('of a socket that no process of this user has, none is found', () => {
  expect([proc.listenerOf('/run/other.sock'), proc.listenerOf('/run/none.sock')]).toEqual([undefined, undefined]);
});

it('finds this process by a socket of its own, and its ticks grow with its work', async () => {
  const path = join(root, 'own.sock');
  const server = createServer();
  await new Promise<void>((done) => {
    server.listen(path, done);
  });
  const real = new Proc();
  expect(real.listenerOf(path)).toBe(globalThis.process.pid);
  const before = real.treeTicks(globalThis.process.pid);
  const { user } = globalThis.process.cpuUsage();
  while (globalThis.process.cpuUsage().user - user < 100_000); // a tenth of a second of this core, ten ticks
  expect(real.treeTicks(globalThis.process.pid) - before).toBeGreaterThanOrEqual(5);
  server.close();
});
