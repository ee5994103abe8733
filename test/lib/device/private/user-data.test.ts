import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Template } from 'aws-cdk-lib/assertions';
import { AgentConfig } from '../../../../lib/agent/agent-config';
import { bootstrapUnit, fetchScript, userData } from '../../../../lib/device/private/user-data';
import { modelFolder } from '../../temp-models';
import { DeviceStack } from '../device-stack';
import { programs } from '../programs';

const SETTINGS = {
  region: 'eu-west-1',
  bucketName: 'devices',
  manifestKey: 'manifests/camera/manifest.json',
  reportKey: 'reports/camera/report.json',
  inputPrefix: 'inputs/camera/',
};
const withSystemd = fs.existsSync('/usr/bin/systemd-analyze') ? test : test.skip;

function rendered(make: (stack: DeviceStack) => void): unknown {
  const stack = new DeviceStack();
  make(stack);
  const [instance] = Object.values(Template.fromStack(stack).findResources('AWS::EC2::Instance'));
  return (instance?.Properties as { UserData: unknown }).UserData;
}

test('user data does not change with models, configuration or the agent', () => {
  const plain = rendered((stack) => {
    stack.simulated();
  });
  const other = rendered((stack) => {
    stack.simulated({ models: [stack.model()], agentConfig: new AgentConfig({ verbose: true }) });
  });
  expect(other).toEqual(plain);
});

test('user data fits into the 16 KiB that EC2 takes', () => {
  expect(Buffer.byteLength(userData(SETTINGS))).toBeLessThan(8 * 1024);
});

test.each([
  ['the user data', userData(SETTINGS)],
  ['the script that fetches the bootstrap', fetchScript()],
])('%s is correct shell', (_what, script) => {
  execFileSync('bash', ['-n'], { input: script });
});

test('a setup that fails is reported where the stack waits', () => {
  const reported = path.join(modelFolder({}), 'report.json');
  const folder = programs({
    curl: 'if [[ "$*" == *token ]]; then echo token; else echo i-1; fi', install: 'true', dnf: 'exit 1', sleep: 'true', cat: 'true',
    aws: `echo "$*" > ${reported}.call; for last; do :; done; cp "$last" ${reported}`,
  });
  // No file of this machine is written but the report.
  const script = userData(SETTINGS)
    .replaceAll('/etc/sagemaker-edge', folder)
    .replace('/var/log/cloud-init-output.log', path.join(folder, 'none'));
  const { status } = spawnSync('bash', ['--norc', '-c', script], { env: { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}` } });
  expect(status).not.toBe(0);
  expect(JSON.parse(fs.readFileSync(reported, 'utf8'))).toEqual({
    instanceId: 'i-1',
    status: 'FAILED',
    message: 'the setup of the machine failed: dnf could not install nodejs24: its console output says more',
    models: [],
  });
  expect(fs.readFileSync(`${reported}.call`, 'utf8')).toContain('--bucket devices --key reports/camera/report.json');
});

withSystemd('the bootstrap\'s unit is correct by systemd-analyze', () => {
  const unit = path.join(modelFolder({}), 'sagemaker-edge-bootstrap.service');
  fs.writeFileSync(
    unit,
    bootstrapUnit().replace('/usr/bin/node-24', process.execPath).replace('/usr/local/sbin/sagemaker-edge-fetch', '/bin/true'),
  );
  const { status, stderr } = spawnSync('/usr/bin/systemd-analyze', ['verify', '--man=no', unit], { encoding: 'utf8' });
  expect({ status, ours: stderr.split('\n').filter((line) => line.includes('sagemaker-edge')) }).toEqual({ status: 0, ours: [] });
});

describe('the script that fetches the bootstrap', () => {
  const bootstrap = 'the bootstrap';
  const digest = createHash('sha256').update(bootstrap).digest('hex');

  /** Runs it with an S3 that holds a manifest and a bootstrap. */
  function fetch(root: string, manifestDigest: string | undefined): number | null {
    const bucket = modelFolder({
      'boot.js': bootstrap,
      ...(manifestDigest === undefined ? {} : { m: JSON.stringify({ bootstrap: { uri: 's3://assets/boot.js', sha256: manifestDigest } }) }),
    });
    const folder = programs({
      aws: `while [ "$1" != --key ]; do shift; done; test -f "${bucket}/$2" && cp "${bucket}/$2" "$3" && echo "$2" >> "${root}/calls"`,
    });
    const script = fetchScript().replaceAll('/var/lib/sagemaker-edge', root).replaceAll('/usr/bin/node-24', process.execPath);
    return spawnSync('bash', ['--norc', '-c', script], {
      env: { ...process.env, PATH: `${folder}:${process.env.PATH ?? ''}`, EDGE_BUCKET: 'devices', EDGE_MANIFEST_KEY: 'm' },
    }).status;
  }

  const calls = (root: string): string[] => fs.readFileSync(path.join(root, 'calls'), 'utf8').trim().split('\n');

  test('takes the one that the manifest names, once', () => {
    const root = modelFolder({});
    expect(fetch(root, digest)).toBe(0);
    expect(fs.readFileSync(path.join(root, 'bootstrap.js'), 'utf8')).toBe(bootstrap);
    expect(fetch(root, digest)).toBe(0);
    expect(calls(root)).toEqual(['m', 'boot.js', 'm']);
  });

  test('takes no other than that', () => {
    const root = modelFolder({ 'bootstrap.js': 'old' });
    expect(fetch(root, 'a'.repeat(64))).not.toBe(0);
    expect(fs.readFileSync(path.join(root, 'bootstrap.js'), 'utf8')).toBe('old');
  });

  test('lets the one that is there go on where there is no network', () => {
    expect(fetch(modelFolder({ 'bootstrap.js': 'old' }), undefined)).toBe(0);
  });

  test('fails where there is nothing yet, and systemd tries again', () => {
    expect(fetch(modelFolder({}), undefined)).not.toBe(0);
  });
});
