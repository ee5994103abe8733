import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, aws_iot as iot, NestedStack, Stack, Stage, type Environment } from 'aws-cdk-lib';
import { APP_VARIABLE } from '../../../local/bridge/app-variable';
import { bridgeAssembly } from '../../../local/bridge/assembly';
import { program } from '../../../local/service/programs';
import { temporaryFolder } from '../temporary-folder';

const PLAIN = '"AWS::IoT::RoleAlias"';
const BRIDGED = '"Custom::AWS-IoT-RoleAlias"';

const { root } = temporaryFolder();
afterAll(() => {
  fs.rmSync(root, { recursive: true });
});

let made = 0;

/** A cloud assembly with a stack, one nested in it, and one in a stage. */
function synth(env?: Environment): string {
  made += 1;
  const app = new App({ outdir: path.join(root, `assembly-${made}`), analyticsReporting: false });
  const stack = new Stack(app, 'Top', { ...env ? { env } : {} });
  const nested = new NestedStack(stack, 'Nested');
  const staged = new Stack(new Stage(app, 'Stage', { ...env ? { env } : {} }), 'Inner');
  for (const scope of [stack, nested, staged]) {
    new iot.CfnRoleAlias(scope, 'Alias', { roleArn: 'arn:aws:iam::1:role/r' });
  }
  return app.synth().directory;
}

function templates(folder: string): string[] {
  return fs.readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.template.json')).map((name) => fs.readFileSync(path.join(folder, name), 'utf8'));
}

function runSynth(app: string, outdir: string): { status: number | null; stdout: string; stderr: string } {
  const { execArgv, file } = program('synth');
  return spawnSync(process.execPath, [...execArgv, file], {
    encoding: 'utf8', cwd: root, env: { PATH: process.env.PATH, [APP_VARIABLE]: app, CDK_OUTDIR: outdir },
  });
}

test('stacks, those nested in them and those of stages are all made deployable', () => {
  const folder = synth();
  expect(templates(folder).filter((text) => text.includes(PLAIN))).toHaveLength(3);
  bridgeAssembly(folder);
  expect(templates(folder).filter((text) => text.includes(BRIDGED))).toHaveLength(3);
  expect(templates(folder).filter((text) => text.includes(PLAIN))).toEqual([]);
});

test('a template that was made deployable stays as it is when that is done again', () => {
  const folder = synth();
  bridgeAssembly(folder);
  const first = templates(folder);
  bridgeAssembly(folder);
  expect(templates(folder)).toEqual(first);
});

test('a template in a folder of the user\'s, which is an asset, is left alone', () => {
  const folder = synth();
  const asset = path.join(folder, 'asset.1');
  fs.mkdirSync(asset);
  fs.writeFileSync(path.join(asset, 'a.template.json'), `{"Resources":{"A":{"Type":${PLAIN}}}}`);
  bridgeAssembly(folder);
  expect(fs.readFileSync(path.join(asset, 'a.template.json'), 'utf8')).toContain(PLAIN);
});

test('a stack for the local cloud\'s own account and region is taken', () => {
  const folder = synth({ account: '000000000000', region: 'us-east-1' });
  bridgeAssembly(folder);
  expect(templates(folder).filter((text) => text.includes(BRIDGED))).toHaveLength(3);
});

test.each([
  [{ account: '123456789012', region: 'us-east-1' }, 'account 123456789012 in us-east-1'],
  [{ account: '000000000000', region: 'eu-west-1' }, 'account 000000000000 in eu-west-1'],
])('fails when a stack is for another environment, and says how to leave that open: %j', (env, told) => {
  expect(() => {
    bridgeAssembly(synth(env));
  }).toThrow(new RegExp(`the stack Top is for ${told}, but the local cloud is account 000000000000 in us-east-1: leave env out, or take it from`));
});

test('fails when a template is no JSON object', () => {
  const folder = synth();
  fs.writeFileSync(path.join(folder, 'bad.template.json'), '[]');
  expect(() => {
    bridgeAssembly(folder);
  }).toThrow('bad.template.json must hold a JSON object');
});

describe('the program that the CDK CLI runs as the app', () => {
  test('runs the user\'s app, whatever it is written in, and makes its assembly deployable', () => {
    const source = synth();
    const outdir = path.join(root, 'by-command');
    expect(runSynth(`cp -R "${source}" "$CDK_OUTDIR" && echo "of the 'app'"`, outdir)).toMatchObject({ status: 0, stdout: "of the 'app'\n", stderr: '' });
    expect(templates(outdir).filter((text) => text.includes(BRIDGED))).toHaveLength(3);
    expect(templates(source).filter((text) => text.includes(PLAIN))).toHaveLength(3);
  });

  test('takes a cloud assembly in place of an app, and leaves the user\'s folder as it is', () => {
    const source = synth();
    const outdir = path.join(root, 'by-folder');
    expect(runSynth(source, outdir)).toMatchObject({ status: 0, stderr: '' });
    expect(templates(outdir).filter((text) => text.includes(BRIDGED))).toHaveLength(3);
    expect(templates(source).filter((text) => text.includes(PLAIN))).toHaveLength(3);
  });

  test('ends as the app ends that fails', () => {
    expect(runSynth('echo no model >&2; exit 7', path.join(root, 'failed'))).toEqual(expect.objectContaining({ status: 7, stderr: 'no model\n' }));
  });

  test('fails in one line when a stack is for another account', () => {
    expect(runSynth(synth({ account: '123456789012', region: 'us-east-1' }), path.join(root, 'elsewhere'))).toMatchObject({
      status: 1, stderr: expect.stringMatching(/^local cloud: the stack Top is for account 123456789012[^\n]*\n$/) as unknown,
    });
  });
});
