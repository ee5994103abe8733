import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { listen, type RunningServer } from '../../../local/service/http-server';
import { isOwnUser } from '../../../local/service/peer';

const OWN = process.getuid?.() ?? 0;
const SOCKET = { remotePort: 0xb0b0, localPort: 0x1f90 };
const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
/** The kernel's line about one end of a connection. */
const row = (uid: number, { own = 'B0B0', other = '1F90', state = '01' } = {}): string =>
  `   3: 0100007F:${own} 0100007F:${other} ${state} 00000000:00000000 00:00000000 00000000 ${String(uid).padStart(5)}        0 123456 1 0 20 4 30 10 -1`;
const table = (...rows: string[]) => (file: string): string | undefined => (file.endsWith('tcp') ? [HEAD, ...rows].join('\n') : undefined);

test('a program of this user is known by the other end of its connection', () => {
  expect(isOwnUser(SOCKET, table(row(OWN + 1, { own: 'AAAA' }), row(OWN), row(OWN + 1, { other: '1F91' })))).toBe(true);
});

test.each([
  ['another user\'s', row(OWN + 1)],
  ['being closed, and so listed as root\'s', row(OWN, { state: '06' })],
  ['nobody\'s: our own end is not asked', row(OWN, { own: '1F90', other: 'B0B0' })],
])('a connection is refused that is %s', (_, line) => {
  expect(isOwnUser(SOCKET, table(line))).toBe(false);
});

test('a row that was missed is looked for again', () => {
  const tables = [table(), table(row(OWN))];
  expect(isOwnUser(SOCKET, (file) => (file.endsWith('6') ? undefined : tables.shift()?.(file)))).toBe(true);
});

test('where the kernel does not tell, nobody is refused', () => {
  expect(isOwnUser(SOCKET, () => undefined)).toBe(true);
});

const asRoot = process.platform === 'linux' && process.getuid?.() === 0 ? describe : describe.skip; // only root can be somebody else

asRoot('of two users of this machine', () => {
  let server: RunningServer;
  let served = 0;
  beforeAll(async () => {
    server = await listen((_, response) => {
      served += 1;
      response.end('served');
    });
  });
  afterAll(async () => server.close());

  const ask = async (uid: number): Promise<string> => {
    const script = 'fetch(process.argv[1]).then(async (r) => { console.log(r.status, await r.text()); })';
    return text(spawn(process.execPath, ['-e', script, server.url], { uid, cwd: '/' }).stdout);
  };

  test('the one who listens is served, the other is refused', async () => {
    expect(await ask(0)).toBe('200 served\n');
    expect(await ask(65534)).toMatch(/^403 only programs of the user who has started this local cloud/);
    expect(served).toBe(1);
  });
});
