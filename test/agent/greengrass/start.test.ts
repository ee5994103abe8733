import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { launcherFiles } from '../../../lib/greengrass/private/launcher';
import { wholeOf } from '../../../lib/private/archive/content';
import { Ipc } from '../../../local/nucleus/ipc';
import { agentBundle, baseConfig, scratchFolder, waitFor } from '../support/agent-process';

let folder: string;
let ipc: Ipc;
let reported: string[];
let started: ChildProcess | undefined;

beforeEach(async () => {
  folder = scratchFolder();
  for (const { path, content } of launcherFiles([])) {
    mkdirSync(dirname(join(folder, 'launcher', path)), { recursive: true });
    writeFileSync(join(folder, 'launcher', path), wholeOf(content));
  }
  mkdirSync(join(folder, 'root', 'work', 'agent'), { recursive: true });
  mkdirSync(join(folder, 'release'));
  symlinkSync(agentBundle(), join(folder, 'release', 'agent-linux'));
  reported = [];
  ipc = new Ipc(join(folder, 'root'), (component, state) => {
    reported.push(`${component} ${state}`);
  });
  await ipc.start();
});
afterEach(async () => {
  if (started?.exitCode === null && started.signalCode === null) {
    await ended(started, () => started?.kill('SIGTERM'));
  }
  started = undefined;
  await ipc.close();
  rmSync(folder, { recursive: true });
});

const work = (...parts: string[]): string => join(folder, 'root', 'work', 'agent', ...parts);

/** `start.sh` as a nucleus runs it, without models. */
function start(environment: Readonly<Record<string, string>> = {}): { child: ChildProcess; output: () => string } {
  const child = spawn('sh', [join(folder, 'launcher', 'start.sh')], {
    cwd: work(),
    env: {
      PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ''}`, AWS_IOT_THING_NAME: 'camera-1', AWS_REGION: 'us-east-1', ...ipc.environmentOf('agent'),
      EDGE_AGENT_CONFIG: JSON.stringify(baseConfig(work())), EDGE_AGENT_NODE: process.execPath, EDGE_AGENT_RELEASE: join(folder, 'release'), EDGE_AGENT_MODELS: '',
      EDGE_AGENT_SOCKET: work('agent.sock'), EDGE_AGENT_START_SECONDS: '60', ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started = child;
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  return { child, output: () => output };
}

async function ended(child: ChildProcess, act?: () => unknown): Promise<number | NodeJS.Signals | null> {
  return new Promise((resolve) => {
    child.once('close', (code, signal) => {
      resolve(code ?? signal);
    });
    act?.();
  });
}

it('the start reports RUNNING when the agent serves, and goes on as the supervisor', async () => {
  const { child, output } = start();
  await waitFor('the report', () => output().includes('the agent serves all models'));
  expect([reported, child.exitCode]).toEqual([['agent RUNNING'], null]);
  expect(Number(readFileSync(work('supervisor.pid'), 'utf8'))).toBe(child.pid);
}, 60_000);

it('the supervisor does not end with 0 when somebody else ends it, since nucleus classic would not notice', async () => {
  const { child, output } = start();
  await waitFor('the report', () => output().includes('the agent serves all models'));
  expect(await ended(child, () => child.kill('SIGTERM'))).toBe(26);
  expect(existsSync(work('agent.pid'))).toBe(false);
}, 60_000);

it('a nucleus that does not take the report ends the start and the agent, and its reason is in the log', async () => {
  const { child, output } = start({ SVCUID: 'NOSUCHTOKEN12345' });
  expect(await ended(child)).toBe(27);
  expect(output()).toContain('the nucleus cannot be told that the agent serves: the nucleus refused the token of the component');
  expect([output().includes('NOSUCHTOKEN12345'), existsSync(work('agent.pid'))]).toEqual([false, false]);
}, 60_000);

it('a release without the program that reports ends the start before an agent is started', async () => {
  const release = join(folder, 'older-release');
  mkdirSync(join(release, 'agent-linux'), { recursive: true });
  writeFileSync(join(release, 'agent-linux', 'agent.js'), '');
  const { child, output } = start({ EDGE_AGENT_RELEASE: release });
  expect(await ended(child)).toBe(21);
  expect(output()).toContain('the agent\'s program has no update-state.js, which nucleus classic needs');
}, 60_000);

it('under nucleus lite systemd is told, and a supervisor that is ended ends with 0', async () => {
  const tools = join(folder, 'tools');
  mkdirSync(tools);
  writeFileSync(join(tools, 'systemd-notify'), `#!/bin/sh\necho "$@" >> ${join(folder, 'notified')}\n`);
  chmodSync(join(tools, 'systemd-notify'), 0o755);
  const { child, output } = start({ NOTIFY_SOCKET: '/run/systemd/notify', PATH: `${tools}${delimiter}${process.env.PATH ?? ''}` });
  await waitFor('the report', () => output().includes('the agent serves all models'));
  expect([readFileSync(join(folder, 'notified'), 'utf8'), reported]).toEqual(['--ready\n', []]);
  const agent = Number(readFileSync(work('agent.pid'), 'utf8'));
  expect(await ended(child, () => {
    process.kill(agent, 'SIGTERM'); // systemd signals all processes of the unit
    child.kill('SIGTERM');
  })).toBe(0);
}, 60_000);
