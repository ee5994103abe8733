import * as fs from 'node:fs';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { ShortPath } from '../../../local/device/short-path';

describe('the short path of a folder', () => {
  let deep: string;
  beforeEach(() => {
    deep = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'short-path-')), 'd'.repeat(200));
  });
  afterEach(() => {
    fs.rmSync(path.dirname(deep), { recursive: true });
  });

  test('has as many bytes as the root folder of a real nucleus, wherever the folder is', () => {
    const short = ShortPath.to(deep);
    expect(Buffer.byteLength(short.path)).toBe(Buffer.byteLength('/greengrass/v2'));
    short.remove();
  });

  test('has room for a socket in a folder that has none', async () => {
    const short = ShortPath.to(deep);
    const server = net.createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(path.join(short.path, 'agent.sock'), resolve);
    });
    expect(fs.statSync(path.join(deep, 'agent.sock')).isSocket()).toBe(true);
    await new Promise((resolve) => {
      server.close(resolve);
    });
    short.remove();
  });

  test('is removed with its folder', () => {
    const short = ShortPath.to(deep);
    short.remove();
    expect([fs.existsSync(deep), fs.lstatSync(short.path, { throwIfNoEntry: false })]).toEqual([false, undefined]);
  });

  test('of a local cloud that was killed is removed with the next one', () => {
    const killed = ShortPath.to(path.join(deep, 'killed'));
    fs.rmSync(path.join(deep, 'killed'), { recursive: true });
    const next = ShortPath.to(path.join(deep, 'next'));
    expect(fs.lstatSync(killed.path, { throwIfNoEntry: false })).toBeUndefined();
    expect(fs.existsSync(next.path)).toBe(true);
    next.remove();
  });
});
