import { mkdirSync, writeFileSync } from 'node:fs';
import packageJson from '../../package.json';
import { COMMAND, Workplace } from './command-line';

const place = new Workplace();
afterAll(() => {
  place.remove();
});

const SCREEN = { lines: 30, columns: 130 };
const COMMANDS = ['', 'local', 'local deploy', 'local destroy', 'local down', 'pack', 'agent', 'agent install', 'captures', 'captures ls', 'captures export', 'report'];

test('the package installs the command under its name', () => {
  expect(packageJson.bin).toEqual({ 'cdk-sagemaker-edge': 'assets/cli/main.js' });
  expect(COMMAND.endsWith(packageJson.bin['cdk-sagemaker-edge'])).toBe(true);
});

test.each(COMMANDS)('the help of "%s" fits one screen, and is no failure', (command) => {
  const { status, stdout, stderr } = place.run([...command.split(' ').filter((word) => word !== ''), '--help']);
  expect([status, stderr]).toEqual([0, '']);
  const lines = stdout.split('\n');
  expect(stdout).toContain(`Usage: cdk-sagemaker-edge${command === '' ? '' : ` ${command}`}`);
  expect(lines.length).toBeLessThanOrEqual(SCREEN.lines);
  expect(lines.filter((line) => line.length > SCREEN.columns)).toEqual([]);
});

test('the exit codes are in the help', () => {
  expect(place.run(['--help']).stdout).toContain('Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted');
});

test('--version is the package\'s', () => {
  expect(place.run(['--version'])).toMatchObject({ status: 0, stdout: `${packageJson.version}\n` });
});

describe('wrong usage ends with code 2 and says what was wrong first', () => {
  test.each([
    [['lcoal'], 'cdk-sagemaker-edge: unknown command \'lcoal\'\n(Did you mean local?)'],
    [['local', 'deploy', '-c', 'a=b'], 'cdk-sagemaker-edge: unknown option \'-c\''],
    [['pack', '-o', 'x'], 'cdk-sagemaker-edge: missing required argument \'model\''],
    [['pack', 'm.onnx'], 'cdk-sagemaker-edge: required option \'-o, --output <folder>\' not specified'],
    [['captures', 'show', 'folder'], 'cdk-sagemaker-edge: missing required argument \'id\''],
    [['agent', 'install'], 'cdk-sagemaker-edge: required option \'--folder <folder>\' not specified'],
  ])('%j', (args, message) => {
    const { status, stdout, stderr } = place.run(args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr.startsWith(message)).toBe(true);
    expect(stderr).toContain('Usage: cdk-sagemaker-edge');
  });

  test('no command at all shows the help', () => {
    expect(place.run([])).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('Usage: cdk-sagemaker-edge <command>') as unknown });
  });
});

describe('local', () => {
  test('deploy fails in a folder without an app, and says how to name one', () => {
    const { status, stderr } = place.run(['local', 'deploy']);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^cdk-sagemaker-edge: there is no CDK app in .*: no cdk\.json with "app"\n {2}.*deploy -- --app 'node/);
  });

  test('deploy fails where no CDK CLI is installed, and says how to install it', () => {
    const { status, stderr } = place.run(['local', 'deploy', '--', '--app', 'node app.js'], { PATH: '/nowhere' });
    expect(status).toBe(1);
    expect(stderr).toMatch(/^cdk-sagemaker-edge: the CDK CLI is not installed in .*\n {2}npm install --save-dev aws-cdk\n$/);
  });

  test.each(['--profile', '--output=cdk.out', '-o', '--role-arn'])('deploy refuses %s, which is for an account of AWS', (option) => {
    expect(place.run(['local', 'deploy', '--', option])).toMatchObject({
      status: 2, stderr: expect.stringContaining(`${option} is not for the local cloud`) as unknown,
    });
  });

  test('deploy fails when cdk.json is no JSON', () => {
    mkdirSync(place.in('broken'));
    writeFileSync(place.in('cdk.json'), '{');
    expect(place.run(['local', 'deploy'])).toMatchObject({ status: 1, stderr: expect.stringMatching(/cdk\.json is no JSON: /) as unknown });
    writeFileSync(place.in('cdk.json'), '{}');
  });

  test('status says that none is up, by its exit code, too', () => {
    expect(place.run(['local', 'status'])).toEqual(expect.objectContaining({ status: 1, stdout: 'no local cloud is up here\n' }));
  });

  test('destroy fails where none is up, and says how to start one', () => {
    const cli = place.in('node_modules', 'aws-cdk');
    mkdirSync(`${cli}/bin`, { recursive: true });
    writeFileSync(`${cli}/bin/cdk`, '');
    writeFileSync(`${cli}/package.json`, '{}');
    expect(place.run(['local', 'destroy', '--', '--app=x'])).toMatchObject({
      status: 1, stderr: 'cdk-sagemaker-edge: no local cloud is up here\n  to start one: npx cdk-sagemaker-edge local up\n',
    });
  });

  test('down is no failure where none is up', () => {
    expect(place.run(['local', 'down'])).toMatchObject({ status: 0, stdout: 'local cloud: none is up\n' });
  });
});
