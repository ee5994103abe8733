import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ALLOCATOR } from '../../../agent/bootstrap/allocator';
import { agentUnit } from '../../../agent/bootstrap/agent-unit';
import type { Generation } from '../../../agent/bootstrap/contracts';
import { DevicePaths } from '../../../agent/bootstrap/paths';
import { ProcessHost } from '../../../agent/bootstrap/process-host';
import { AMAZON_ROOT_CA_1 } from '../../../agent/bootstrap/root-ca';
import { readSettings } from '../../../agent/bootstrap/settings';
import { runCommand, SystemdHost } from '../../../agent/bootstrap/systemd-host';
import { DeviceFixture } from './device-fixture';

let fixture: DeviceFixture;
beforeEach(() => {
  fixture = new DeviceFixture();
});
afterEach(() => {
  fixture.remove();
});

const ANALYZE = '/usr/bin/systemd-analyze';
const withSystemd = fs.existsSync(ANALYZE) ? test : test.skip;

function generation(script: string): Generation {
  const agentFolder = path.join(fixture.root, 'agent');
  fs.mkdirSync(agentFolder);
  fs.writeFileSync(path.join(agentFolder, 'agent.js'), script);
  return { id: 'abc', agentFolder, configFile: '/config.json', socket: path.join(fixture.root, 'abc.sock'), models: [] };
}

describe('the agent\'s unit', () => {
  const UNIT = (): string => agentUnit({ paths: new DevicePaths('/var/lib/sagemaker-edge', '/run/sagemaker-edge'), node: process.execPath, user: 'root' });

  function writeUnit(): string {
    const file = path.join(fixture.root, 'sagemaker-edge-agent@abc.service');
    fs.writeFileSync(file, UNIT());
    return file;
  }

  withSystemd('is correct by systemd-analyze verify', async () => {
    const { code, output } = await runCommand(ANALYZE, ['verify', '--man=no', writeUnit()]);
    expect({ code, ours: output.split('\n').filter((line) => line.includes('sagemaker-edge')) }).toEqual({ code: 0, ours: [] });
  });

  withSystemd('is exposed as little as systemd-analyze security can say for a program that uses the network and compiles code', () => {
    const text = execFileSync(ANALYZE, ['security', '--offline=yes', '--no-pager', writeUnit()], { encoding: 'utf8' });
    const [, exposure] = /Overall exposure level for [^:]+: ([0-9.]+)/.exec(text) ?? [];
    expect(Number(exposure)).toBeLessThanOrEqual(2.5); // 0 is best, above 5 is "medium"
  });

  test('leaves the machine memory and gives the agent enough files', () => {
    expect(UNIT()).toMatch(/^MemoryMax=90%$/m);
    expect(UNIT()).toMatch(/^LimitNOFILE=8192$/m);
  });

  test('lets the agent live when a model takes too much memory', () => {
    expect(UNIT()).toMatch(/^OOMPolicy=continue$/m);
  });

  test('has the allocator\'s settings, as the supervisor of the Greengrass component has', () => {
    const settings = Object.entries(ALLOCATOR).map(([name, value]) => `${name}=${value}`).join(' ');
    expect(UNIT()).toContain(`\nEnvironment=${settings}\n`);
    expect(fs.readFileSync('agent/scripts/greengrass/supervise.sh', 'utf8')).toContain(`\nexport ${settings}\n`);
  });

  test('has no route to the instance metadata', () => {
    expect(UNIT()).toContain('IPAddressDeny=169.254.169.254/32 fd00:ec2::254/128');
  });

  test('writes nowhere but its data and its socket\'s folder', () => {
    expect(UNIT()).toContain('ProtectSystem=strict\nReadWritePaths=/var/lib/sagemaker-edge/data /run/sagemaker-edge\n');
  });
});

describe('agents under systemd', () => {
  const commands: string[] = [];
  let answer = { code: 0, output: '' };
  const host = (): SystemdHost => new SystemdHost({
    paths: fixture.paths, node: '/usr/bin/node-24', user: 'edge', owner: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }, unitFolder: fixture.root,
    run: (file, args) => {
      commands.push([file, ...args].join(' '));
      return Promise.resolve(answer);
    },
  });
  beforeEach(() => {
    commands.length = 0;
    answer = { code: 0, output: '' };
  });

  test('get their unit once', async () => {
    await host().install();
    await host().install();
    expect(commands).toEqual(['systemctl daemon-reload']);
    expect(fs.readFileSync(path.join(fixture.root, 'sagemaker-edge-agent@.service'), 'utf8')).toContain('User=edge');
  });

  test('start and stop as instances of it', async () => {
    await host().start({ id: 'abc', agentFolder: '', configFile: '', socket: '', models: [] });
    await host().stop('abc');
    expect(commands).toEqual(['systemctl start sagemaker-edge-agent@abc.service', 'systemctl stop sagemaker-edge-agent@abc.service', 'systemctl reset-failed sagemaker-edge-agent@abc.service']);
  });

  test('that another bootstrap left behind are stopped', async () => {
    answer = { code: 0, output: 'sagemaker-edge-agent@abc.service loaded active running x\nsagemaker-edge-agent@def.service loaded active running x\n' };
    await host().stopAllBut('def');
    expect(commands.filter((command) => command.includes(' stop '))).toEqual(['systemctl stop sagemaker-edge-agent@abc.service']);
  });

  test('that cannot start are an error with systemd\'s words', async () => {
    answer = { code: 1, output: 'start request repeated too quickly' };
    await expect(host().start({ id: 'abc', agentFolder: '', configFile: '', socket: '', models: [] })).rejects.toThrow('systemctl start sagemaker-edge-agent@abc.service ended with 1: start request repeated too quickly');
  });

  test('leave their last words in the journal', async () => {
    answer = { code: 0, output: 'no such model\n' };
    expect(await host().lastWords('abc')).toBe('no such model');
  });
});

describe('agents as plain processes', () => {
  const environment = { ...process.env, AWS_SECRET_ACCESS_KEY: 'secret', EDGE_TEST: 'seen' };

  async function until(condition: () => boolean): Promise<void> {
    for (let tries = 0; !condition() && tries < 100; tries += 1) {
      await sleep(50);
    }
    expect(condition()).toBe(true);
  }

  test('get socket and configuration, and no credentials of the bootstrap\'s', async () => {
    const seen = path.join(fixture.root, 'seen');
    const host = new ProcessHost(fixture.paths, process.execPath, environment);
    await host.start(generation(`require('fs').writeFileSync('${seen}.new', JSON.stringify([process.argv.slice(2), process.env.AWS_SECRET_ACCESS_KEY ?? null, process.env.EDGE_TEST])); require('fs').renameSync('${seen}.new', '${seen}'); setInterval(() => {}, 1000)`));
    await until(() => fs.existsSync(seen));
    expect(JSON.parse(fs.readFileSync(seen, 'utf8'))).toEqual([['-a', path.join(fixture.root, 'abc.sock'), '-c', '/config.json'], null, 'seen']);
    await host.stop('abc');
  });

  test('start again when they end, until they are stopped', async () => {
    const file = path.join(fixture.root, 'starts');
    const starts = (): number => fs.existsSync(file) ? fs.readFileSync(file, 'utf8').length : 0;
    const host = new ProcessHost(fixture.paths, process.execPath, environment);
    await host.start(generation(`require('fs').appendFileSync('${file}', 'x')`));
    await until(() => starts() >= 2);
    await host.stop('abc');
    const before = starts();
    await sleep(1500);
    expect(starts()).toBe(before);
  });

  test('leave their last words', async () => {
    const host = new ProcessHost(fixture.paths, process.execPath, environment);
    await host.start(generation('console.error("no configuration"); process.exit(2)'));
    let words = '';
    for (let tries = 0; !words.includes('no configuration') && tries < 100; tries += 1) {
      await sleep(50);
      words = await host.lastWords('abc');
    }
    expect(words).toContain('no configuration');
    await host.stop('abc');
    expect(await host.lastWords('abc')).toBe('none');
  });
});

test('the root certificate is Amazon Root CA 1', () => {
  const certificate = new X509Certificate(AMAZON_ROOT_CA_1);
  expect(certificate.subject).toContain('CN=Amazon Root CA 1');
  expect(certificate.fingerprint256).toBe('8E:CD:E6:88:4F:3D:87:B1:12:5B:A3:1A:C3:FC:B1:3D:70:16:DE:7F:57:CC:90:4F:E1:CB:97:C6:AE:98:19:6E');
  expect(certificate.verify(certificate.publicKey)).toBe(true);
});

describe('settings', () => {
  const environment = { EDGE_BUCKET: 'b', EDGE_MANIFEST_KEY: 'm', EDGE_REPORT_KEY: 'r', EDGE_INSTANCE_ID: 'i-1', EDGE_ROOT: '/lib', EDGE_RUN: '/run' };

  test('come from the environment', () => {
    expect(readSettings({ ...environment, EDGE_AGENT_USER: 'edge', EDGE_ROOT_CA_FILE: '/ca.pem' })).toEqual({
      bucket: 'b', manifestKey: 'm', reportKey: 'r', instanceId: 'i-1', root: '/lib', run: '/run', pollMs: 5_000, agentUser: 'edge', rootCaFile: '/ca.pem',
    });
  });

  test.each(['0', 'soon', '1.5'])('that look at the manifest every %s seconds are refused', (poll) => {
    expect(() => readSettings({ ...environment, EDGE_POLL_SECONDS: poll })).toThrow('EDGE_POLL_SECONDS must be a whole number from 1 to 999');
  });

  test.each(Object.keys(environment))('without %s are refused', (name) => {
    expect(() => readSettings({ ...environment, [name]: undefined })).toThrow(`the environment variable ${name} must be set`);
  });
});
