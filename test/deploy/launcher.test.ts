import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CHECKOUT } from '../../local/cloud/folder';
import type { LocalState } from '../../local/cloud/state';

const FOLDER = path.join(CHECKOUT, '.local', 'test-launcher');
/** What a run leaves on purpose. */
const KEPT = ['cdk.out-bridge', 'cdk.out-sample', 'logs', 'requests.jsonl'];

/** What a user's environment may hold, and no local cloud must heed. */
const STRANGE = {
  AWS_PROFILE: 'work', AWS_SESSION_TOKEN: 'of a real account', AWS_ENDPOINT_URL: 'https://127.0.0.1:1',
  AWS_ENDPOINT_URL_S3: 'https://127.0.0.1:1', AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'true',
  AWS_USE_FIPS_ENDPOINT: 'true', AWS_REGION: 'eu-north-1', HTTPS_PROXY: 'http://127.0.0.1:1',
  NODE_OPTIONS: '--max-old-space-size=1000', LC_ALL: 'C',
};

interface Run { readonly code: number | null; readonly output: string }

/** `npm run local`, in a folder of its own; `at` is called once: when its output, or what the stand-ins were asked, matches. */
async function launch(args: readonly string[], options: {
  env?: Record<string, string>;
  on?: RegExp;
  asked?: RegExp;
  at?: (launcher: number) => void;
} = {}): Promise<Run> {
  const child = spawn(process.execPath, [
    path.join(CHECKOUT, 'local', 'start.mjs'),
    ...args,
    '--prebuilt',
    ...(args.includes('--folder') ? [] : ['--folder', FOLDER]),
  ], {
    cwd: CHECKOUT, env: { ...process.env, ...options.env }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let done = false;
  const look = (): void => {
    if (!done && (options.on?.test(output) === true || options.asked?.test(requests()) === true)) {
      done = true;
      options.at?.(child.pid ?? 0);
    }
  };
  const take = (chunk: Buffer): void => {
    output += chunk.toString();
    look();
  };
  const timer = setInterval(look, 50);
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const code = await new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  clearInterval(timer);
  return { code, output };
}

/** What the stand-ins were asked since the start. */
function requests(): string {
  const file = path.join(FOLDER, 'requests.jsonl');
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}

function state(): LocalState {
  return JSON.parse(fs.readFileSync(path.join(FOLDER, 'state.json'), 'utf8')) as LocalState;
}

/** Processes that name the test's folder, or work in it. */
function processes(): string[] {
  return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name) && name !== String(process.pid)).flatMap((pid) => {
    try {
      const command = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return command.includes(FOLDER) || fs.readlinkSync(`/proc/${pid}/cwd`).startsWith(FOLDER) ? [command] : [];
    } catch {
      return []; // it has just ended
    }
  });
}

/** Command lines of a process group. */
function running(group: number): string[] {
  return spawnSync('ps', ['-eo', 'pgid=,args='], { encoding: 'utf8' }).stdout.split('\n').flatMap((line) => {
    const [, pgid, command = ''] = /^\s*(\d+) (.*)$/.exec(line) ?? [];
    return Number(pgid) === group && !command.includes('<defunct>') ? [command] : [];
  });
}

function expectNothingLeft(): void {
  expect(processes()).toEqual([]);
  expect(fs.readdirSync(FOLDER).filter((name) => !KEPT.includes(name))).toEqual([]);
}

beforeEach(async () => {
  await launch(['down']); // what a failed test left: its state must not be wiped while it runs
  fs.rmSync(FOLDER, { recursive: true, force: true });
});
afterAll(async () => {
  await launch(['down']);
});

const linux = process.platform === 'linux' ? test : test.skip; // looks into /proc

linux('stays up, is not started twice, takes the sample again, and ends without a trace', async () => {
  const first = await launch(['up', '--delivery', 'direct']);
  expect([first.code, first.output]).toEqual([
    0, expect.stringMatching(/read back[^]*it stays up in the background[^]*npm run local:down/),
  ]);
  expect(processes().length).toBeGreaterThanOrEqual(2);
  const { pid } = state().processes[0] ?? {};

  expect(await launch(['up', '--once'])).toMatchObject({
    code: 1,
    output: expect.stringMatching(/a local cloud is up since .*--once needs an empty one[^]*npm run local:down/) as unknown,
  });
  // another delivery is another device, with other files
  const again = await launch(['up', '--delivery', 'edge-manager'], { env: STRANGE });
  expect([again.code, again.output]).toEqual([0, expect.stringMatching(/working in it[^]*compilation job[^]*read by device/)]);
  expect(state().processes[0]?.pid).toBe(pid);

  expect(await launch(['down'])).toMatchObject({
    code: 0,
    output: expect.stringContaining('stopped (stand-ins, emulator (ministack))') as unknown,
  });
  expectNothingLeft();
  expect(await launch(['down'])).toMatchObject({ code: 0, output: expect.stringContaining('none is up') as unknown });
});

linux.each([
  ['while it starts the emulator', { on: /emulator and stand-ins \.\.\./ }, 'SIGINT', 130],
  ['while it bootstraps', { on: /CDK bootstrap/ }, 'SIGTERM', 143],
  ['while a custom resource waits', { asked: /"operation":"DescribeCompilationJob"/ }, 'SIGINT', 130],
  ['while it destroys', { on: /cdk destroy of the sample \.\.\./ }, 'SIGHUP', 129],
] as const)('interrupted %s, it leaves nothing', async (_, when, signal, code) => {
  const at = (launcher: number): void => {
    process.kill(launcher, signal);
  };
  const run = await launch(['up', '--once', '--delivery', 'asked' in when ? 'edge-manager' : 'direct'], { ...when, at });
  expect({ code: run.code, end: run.output.slice(-1500) }).toEqual({
    code,
    end: expect.stringContaining(`local cloud: stopped by ${signal}`) as unknown,
  });
  expectNothingLeft();
});

linux('Ctrl-C while its own TypeScript is compiled is no stack trace', async () => {
  const child = spawn(process.execPath, [path.join(CHECKOUT, 'local', 'start.mjs'), 'up', '--prebuilt', '--folder', FOLDER], {
    cwd: CHECKOUT,
    env: { ...process.env, TSX_DISABLE_CACHE: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a group of its own, as in a terminal
  });
  const group = child.pid ?? 0;
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const closed = new Promise<number | null>((resolve) => {
    child.once('close', resolve);
  });
  while (!running(group).some((command) => command.includes('esbuild'))) {
    await sleep(20);
  }
  process.kill(-group, 'SIGINT');
  expect([await closed, output]).toEqual([130, expect.not.stringMatching(/Error: The service/)]);
  expect(running(group)).toEqual([]);
});

linux('an emulator that dies in the middle is told with its last lines', async () => {
  const kill = (): void => {
    process.kill(state().processes[1]?.pid ?? 0, 'SIGKILL');
  };
  const run = await launch(['up', '--once', '--delivery', 'direct'], { on: /cdk deploy of the sample/, at: kill });
  const told = /emulator \(ministack\) has ended unexpectedly \(SIGKILL\)[^]*The whole log: .*ministack\.log/;
  expect(run).toEqual({ code: 1, output: expect.stringMatching(told) as unknown });
  expectNothingLeft();
});

linux('a port that was asked for and is taken is named', async () => {
  const server = net.createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as net.AddressInfo;
  const run = await launch(['up'], { env: { MINISTACK_PORT: String(port) } });
  server.close();
  expect(run).toEqual({
    code: 1,
    output: expect.stringMatching(new RegExp(`MINISTACK_PORT=${port} is taken[^]*a free port is chosen`)) as unknown,
  });
  expectNothingLeft();
});

linux('what a killed launcher left is cleared away by the next one', async () => {
  await launch(['up', '--once', '--delivery', 'direct'], {
    on: /cdk deploy of the sample/, at: (launcher) => {
      setTimeout(() => {
        process.kill(launcher, 'SIGKILL');
      }, 1000);
    },
  });
  expect(processes().length).toBeGreaterThanOrEqual(2);
  expect(await launch(['down'])).toMatchObject({
    code: 0,
    // The CDK CLI may have ended by itself: nobody reads its output any more.
    output: expect.stringMatching(/stopped \(stand-ins, emulator \(ministack\)(, cdk sample)?\)/) as unknown,
  });
  expectNothingLeft();
});

test.each([
  [['up', '--delivery', 'pigeon'], '--delivery must be one of direct, edge-manager, greengrass, got \'pigeon\''],
  [['sideways'], 'unknown command: sideways'],
  [['up', '--twice'], 'Unknown option \'--twice\''],
  [['up', '--model', '/no/such.onnx'], 'there is no file or folder /no/such.onnx'],
  [['up', '--model', __filename, '--picture', '/no/such.png'], 'there is no file or folder /no/such.png'],
  [['up', '--picture', __filename], '--picture and --input-shapes go with --model'],
  [['up', '--input-shapes', 'x:1'], '--picture and --input-shapes go with --model'],
  [['up', '-c', 'deviceCount'], '-c must be key=value, got \'deviceCount\''],
  [['up', '--folder', path.join(CHECKOUT, 'local')], `--folder must be empty, new, or one that a local cloud has made, got ${path.join(CHECKOUT, 'local')}`],
])('wrong arguments are refused with the usage: %j', async (args, message) => {
  const run = await launch(args);
  expect(run.code).toBe(1);
  expect(run.output).toContain(message);
  expect(run.output).toContain('npm run local [-- --once]');
});

test.each([
  ['npm_config_once', '--once'],
  ['npm_config_input_shapes', '--input-shapes'],
])('an option that npm has taken for itself is not lost silently: %s', async (variable, option) => {
  expect(await launch(['up'], { env: { [variable]: 'true' } })).toMatchObject({
    code: 1,
    output: expect.stringMatching(new RegExp(`npm has kept ${option} for itself: options come after a --\\n\\s+npm run local`)) as unknown,
  });
});

test('--help shows the usage', async () => {
  expect(await launch(['up', '--help'])).toEqual({ code: 0, output: expect.stringMatching(/^npm run local \[-- --once\]/) as unknown });
});

test('a folder that cannot be made is named', async () => {
  const file = path.join(CHECKOUT, 'package.json', 'below');
  expect(await launch(['up', '--folder', file])).toEqual({
    code: 1,
    output: expect.stringMatching(/local cloud: ENOTDIR: .*package\.json.below'\n.*must be able to write there/) as unknown,
  });
});

test('a checkout that cannot be written to is named', () => {
  const checkout = fs.mkdtempSync(path.join(os.tmpdir(), 'read-only-'));
  fs.mkdirSync(path.join(checkout, 'local'));
  fs.copyFileSync(path.join(CHECKOUT, 'local', 'start.mjs'), path.join(checkout, 'local', 'start.mjs'));
  fs.writeFileSync(path.join(checkout, '.local'), ''); // a file in the folder's place: root may write anywhere else
  const { status, stderr } = spawnSync(process.execPath, [path.join(checkout, 'local', 'start.mjs'), 'up'], { encoding: 'utf8' });
  fs.rmSync(checkout, { recursive: true });
  expect([status, stderr]).toEqual([1, expect.stringMatching(/local cloud: .*\.local.*\n.*let this user write there/)]);
});
