import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { coreDeviceUserData, type CoreDeviceSettings } from '../../../../lib/device/private/core-device-user-data';
import { modelFolder } from '../../temp-models';
import { programs } from '../programs';

const SETTINGS: CoreDeviceSettings = {
  region: 'eu-west-1',
  thingName: 'camera',
  secretArn: 'arn:secret',
  certificateId: 'id',
  roleAliasName: 'alias',
  credentialEndpoint: 'c.example',
  dataEndpoint: 'd.example',
  nucleusVersion: '2.18.2',
  nucleusUri: 'https://mirror.example/n.zip',
  nucleusSha256: '',
  bucketName: 'devices',
  reportKey: 'reports/camera/$instance/report.json',
};
const SECRET = { certificatePem: 'CERTIFICATE', certificateId: 'id', privateKeyPem: 'PRIVATE' };

interface Setup {
  readonly settings?: Partial<CoreDeviceSettings>;
  readonly secret?: string;
  /** Programs that take the place of the machine's. */
  readonly scripts?: Readonly<Record<string, string>>;
}

interface Outcome {
  readonly root: string;
  readonly code: number | null;
  readonly report: unknown;
  readonly output: string;
}

/** Runs all of it in a folder that stands for the machine's disk, with cloud-init's log where cloud-init writes it. */
function setUp({ settings = {}, secret = JSON.stringify(SECRET), scripts = {} }: Setup = {}): Outcome {
  const root = modelFolder({ secret, 'etc/systemd/system/x': '', 'log/x': '' });
  const [log, reported] = [path.join(root, 'log', 'output.log'), path.join(root, 'report.json')];
  const folder = programs({
    curl: `
      out=
      for last; do if [ "$out" = next ]; then out=$last; elif [ "$last" = -o ]; then out=next; fi; done
      case "$last" in *token) echo token ;; *instance-id) echo i-1 ;; *) echo "$last" > "$out" ;; esac`,
    aws: `
      if [ "$1" = secretsmanager ]; then cat '${root}/secret'; exit; fi
      echo "$*" > '${reported}.call'
      for last; do :; done
      cp "$last" '${reported}'`,
    java: `
      echo "$*" > '${root}/java'
      cp config.yaml '${root}/config.yaml'
      mkdir -p '${root}/greengrass/v2/logs'
      echo 'Launched Nucleus successfully.' >> '${root}/greengrass/v2/logs/loader.log'`,
    jarsigner: 'echo "jar verified."; echo "O=\\"Amazon.com Services LLC\\""',
    ...Object.fromEntries(['dnf', 'id', 'systemctl', 'sleep', 'unzip'].map((name) => [name, 'true'])),
    ...scripts,
  });
  const script = coreDeviceUserData({ ...SETTINGS, ...settings })
    .replaceAll('/var/log/cloud-init-output.log', log)
    .replaceAll('/usr/bin/node-24', process.execPath)
    .replaceAll('/etc/', `${root}/etc/`)
    .replaceAll('/greengrass/v2', `${root}/greengrass/v2`)
    .replaceAll(' /greengrass ', ` ${root}/greengrass `);
  const output = fs.openSync(log, 'a');
  const { status: code } = spawnSync('bash', ['-c', script], {
    stdio: ['ignore', output, output],
    env: { ...process.env, REPORT: reported, PATH: `${folder}:${process.env.PATH ?? ''}` },
  });
  fs.closeSync(output);
  return {
    root,
    code,
    output: fs.readFileSync(log, 'utf8'),
    report: fs.existsSync(reported) ? (JSON.parse(fs.readFileSync(reported, 'utf8')) as unknown) : undefined,
  };
}

const failed = (message: RegExp): object => ({
  instanceId: 'i-1',
  status: 'FAILED',
  models: [],
  message: expect.stringMatching(message) as string,
});

describe('the setup of a core device', () => {
  test('that ends well is reported once the nucleus runs, where the stack waits for this very machine', () => {
    const { root, code, report, output } = setUp();
    expect([code, report]).toEqual([0, { instanceId: 'i-1', status: 'READY', message: 'the nucleus runs', models: [] }]);
    expect(fs.readFileSync(path.join(root, 'report.json.call'), 'utf8')).toContain(
      'put-object --region eu-west-1 --bucket devices --key reports/camera/i-1/report.json --body',
    );
    expect(output).not.toContain('PRIVATE');
  });

  test('gives the nucleus its certificate, its key for root alone, and its configuration', () => {
    const { root } = setUp();
    const file = (name: string): string => path.join(root, 'greengrass', 'v2', 'certs', name);
    expect([fs.readFileSync(file('device.pem.crt'), 'utf8'), fs.readFileSync(file('private.pem.key'), 'utf8')]).toEqual([
      'CERTIFICATE',
      'PRIVATE',
    ]);
    expect(fs.statSync(file('private.pem.key')).mode & 0o077).toBe(0);
    const config = fs.readFileSync(path.join(root, 'config.yaml'), 'utf8');
    expect(config).toContain('thingName: "camera"');
    expect(config.split('\n').map((line) => line.trim()).join('\n')).toContain([
      'awsRegion: "eu-west-1"', 'iotRoleAlias: "alias"', 'iotDataEndpoint: "d.example"', 'iotCredEndpoint: "c.example"',
      'mqtt:', 'port: 443', 'greengrassDataPlanePort: 443',
    ].join('\n'));
    expect(fs.readFileSync(path.join(root, 'java'), 'utf8')).toContain('-jar installer/lib/Greengrass.jar --init-config config.yaml '
      + '--component-default-user ggc_user:ggc_group --setup-system-service true');
  });

  test('lets the nucleus run components as another user and group, and keeps them from the machine\'s own role', () => {
    const { root } = setUp();
    expect(fs.readFileSync(path.join(root, 'etc', 'sudoers.d', '50-greengrass'), 'utf8')).toBe('root ALL=(ALL:ALL) ALL\n');
    expect(fs.readFileSync(path.join(root, 'etc', 'systemd', 'system', 'sagemaker-edge-no-metadata.service'), 'utf8')).toMatch(
      /ip rule add uidrange .* to 169\.254\.169\.254 prohibit/,
    );
    expect(fs.readFileSync(path.join(root, 'etc', 'systemd', 'system', 'sagemaker-edge-no-metadata.service'), 'utf8')).toMatch(
      /^ExecStop=.*ip rule del uidrange .* to 169\.254\.169\.254 prohibit/m,
    );
  });

  test.each<[string, Setup, RegExp]>([
    [
      'without packages',
      { scripts: { dnf: 'echo "Error: Failed to \\"download\\" C:\\\\x\té"; exit 1' } },
      /^the setup of the machine failed: dnf could not install Java, Node\.js and tools: .*Error: Failed to 'download' C:\/+x/,
    ],
    [
      'with a secret that another certificate is in',
      { secret: JSON.stringify({ ...SECRET, certificateId: 'old' }) },
      /could not be read from its secret: .*the certificate is not in the secret yet/,
    ],
    [
      'that may not read the secret',
      {
        scripts: {
          aws: `
            if [ "$1" = secretsmanager ]; then echo AccessDeniedException >&2; exit 254; fi
            for last; do :; done
            cp "$last" "$REPORT"`,
        },
      },
      /from its secret: .*AccessDeniedException/,
    ],
    [
      'with an archive of another digest',
      { settings: { nucleusSha256: 'a'.repeat(64) } },
      /the archive of the nucleus has not the digest or signature that it should have: .*FAILED/,
    ],
    [
      'with an archive that somebody else signed',
      { scripts: { jarsigner: 'echo "jar verified."; echo "O=Somebody"' } },
      /has not the digest or signature/,
    ],
    [
      'with an archive that nobody signed',
      { scripts: { jarsigner: 'echo "jar is unsigned."; exit 16' } },
      /has not the digest or signature/,
    ],
    [
      'without the archive',
      {
        scripts: {
          curl: `
            for last; do :; done
            case "$last" in
              *token) echo token ;;
              *instance-id) echo i-1 ;;
              *pem) for x; do if [ "$y" = -o ]; then echo x > "$x"; fi; y=$x; done ;;
              *) echo "curl: (22) 403" >&2; exit 22 ;;
            esac`,
        },
      },
      /could not be fetched from https:\/\/mirror\.example\/n\.zip: .*curl: \(22\) 403/,
    ],
    [
      'with a nucleus that does not install',
      { scripts: { java: 'echo "Exception in thread main"; exit 1' } },
      /the nucleus could not be installed: .*Exception in thread main/,
    ],
    [
      'with a nucleus that never says that it runs',
      { scripts: { java: 'true' } },
      /the service of the nucleus did not start/,
    ],
    [
      'with a nucleus that ends soon after it ran',
      { scripts: { systemctl: 'if [ "$1" = is-active ]; then exit 3; fi' } },
      /the nucleus did not go on running: .*Launched Nucleus successfully/,
    ],
    [
      'with a nucleus that is started again and again',
      { scripts: { sleep: 'if [ "$1" = 15 ]; then for log in "${REPORT%/*}"/greengrass/v2/logs/loader.log; do '
        + 'echo "Launched Nucleus successfully." >> "$log"; echo "java.lang.OutOfMemoryError" >> "$log"; done; fi' } },
      /the nucleus did not go on running: .*OutOfMemoryError/,
    ],
  ])('%s fails with its step and last words', (_, setup, message) => {
    const { code, report } = setUp(setup);
    expect(code).not.toBe(0);
    expect(report).toEqual(failed(message));
  });

  test('says nothing of a secret that it cannot read', () => {
    const { report, output } = setUp({ secret: '"PRIVATE KEY' });
    expect(report).toEqual(failed(/the secret was not read, or is not JSON/));
    expect(`${output}${JSON.stringify(report)}`).not.toContain('PRIVATE');
  });
});
