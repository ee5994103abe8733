import { execFileSync } from 'node:child_process';
import { cloudScript, standInEnvironment } from '../../../local/cloud/environment';
import { LocalFolder } from '../../../local/cloud/folder';

const ENDPOINTS = {
  emulator: 'https://127.0.0.1:1', iot: 'http://127.0.0.1:2', sageMaker: 'http://127.0.0.1:3', sageMakerRuntime: 'http://127.0.0.1:9', mlflow: 'http://127.0.0.1:16',
  applicationAutoScaling: 'http://127.0.0.1:10', ecs: 'http://127.0.0.1:11', codeBuild: 'http://127.0.0.1:12', codeCommit: 'http://127.0.0.1:14', git: 'localhost:15',
  taskCredentials: 'http://127.0.0.1:13',
  greengrass: 'http://127.0.0.1:4', credentialProvider: 'localhost:5',
  devices: 'http://127.0.0.1:6', page: 'http://127.0.0.1:16/token/', recorder: 'http://127.0.0.1:7', caFile: "/a folder/it's $HOME/ca.pem",
  root: { accessKeyId: 'AKIAROOT', secretAccessKey: 's/e+c' }, controlToken: 'token',
};
const script = cloudScript(new LocalFolder('/local'), ENDPOINTS);

/** The variables of a shell that had `given` and has read the script. */
function after(given: Record<string, string>): Partial<Record<string, string>> {
  const output = execFileSync('/bin/sh', ['-euc', `${script}exec env`], { env: { PATH: process.env.PATH, ...given }, encoding: 'utf8' });
  return Object.fromEntries(output.trimEnd().split('\n').map((line) => [
    line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1),
  ]));
}

test('a shell that reads environment.sh is pointed at the local cloud, whatever its path holds', () => {
  expect(after({})).toMatchObject({
    AWS_ACCESS_KEY_ID: 'AKIAROOT', AWS_SECRET_ACCESS_KEY: 's/e+c', AWS_REGION: 'us-east-1', AWS_ENDPOINT_URL: 'https://127.0.0.1:1',
    AWS_ENDPOINT_URL_IOT: 'http://127.0.0.1:2', AWS_CA_BUNDLE: "/a folder/it's $HOME/ca.pem",
  });
});

test.each([
  ['AWS_PROFILE', 'work'],
  ['AWS_SESSION_TOKEN', 'of a real account'],
  ['AWS_ENDPOINT_URL_S3', 'https://s3.example'],
  ['AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'true'],
  ['AWS_USE_FIPS_ENDPOINT', 'true'],
])('nothing of the user\'s account is left in it: %s', (name, value) => {
  expect(after({ [name]: value })).not.toHaveProperty(name);
});

test('it reads no file of the user\'s, and asks no proxy for loopback', () => {
  expect(after({ AWS_CONFIG_FILE: '/home/user/.aws/config', NO_PROXY: 'intranet', HTTPS_PROXY: 'http://proxy' })).toMatchObject({
    AWS_CONFIG_FILE: '/local/home/no-config',
    AWS_SHARED_CREDENTIALS_FILE: '/local/home/no-credentials',
    NO_PROXY: 'localhost,127.0.0.1',
    no_proxy: 'localhost,127.0.0.1',
    HTTPS_PROXY: 'http://proxy',
  });
});

describe('the process of the stand-ins', () => {
  const before = { ...process.env };
  afterEach(() => {
    process.env = { ...before };
  });

  test('has the user\'s settings of pip, and the user\'s proxy for pip alone', () => {
    Object.assign(process.env, { PIP_INDEX_URL: 'https://mirror.example/simple', HTTPS_PROXY: 'http://proxy:3128' });
    const environment = standInEnvironment(new LocalFolder('/local'), ENDPOINTS);
    expect(environment).toMatchObject({ PIP_INDEX_URL: 'https://mirror.example/simple', PIP_PROXY: 'http://proxy:3128' });
    expect(environment).not.toHaveProperty('HTTPS_PROXY');
  });

  test('keeps a proxy that the user has given to pip', () => {
    Object.assign(process.env, { PIP_PROXY: 'http://of-pip:1', HTTPS_PROXY: 'http://proxy:3128' });
    expect(standInEnvironment(new LocalFolder('/local'), ENDPOINTS).PIP_PROXY).toBe('http://of-pip:1');
  });
});
