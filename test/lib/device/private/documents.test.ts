import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { CfnParameter } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { modelFolder } from '../../temp-models';
import { BoxLayout, PictureFit, PredictionDecoding } from '../../../../lib';
import { DeviceStack } from '../device-stack';

interface Document {
  readonly parameters: Record<string, { allowedPattern: string; interpolationType: string; default?: string }>;
  readonly mainSteps: { readonly inputs: { readonly runCommand: string[] } }[];
}

let template: Template;
beforeAll(() => {
  const stack = new DeviceStack();
  stack.simulated();
  stack.second();
  template = Template.fromStack(stack);
});

const content = (name: string): Document => {
  const found = Object.entries(template.findResources('AWS::SSM::Document')).find(([id]) =>
    new RegExp(`Documents${name}[0-9A-F]{8}$`).test(id),
  );
  return (found?.[1].Properties as { Content: Document }).Content;
};

test('a stack has one set of documents, whatever devices it has', () => {
  template.resourceCountIs('AWS::SSM::Document', 3);
});

test('they are commands of the schema that knows environment variables', () => {
  template.allResourcesProperties('AWS::SSM::Document', { DocumentType: 'Command', Content: Match.objectLike({ schemaVersion: '2.2' }) });
});

describe.each(['LoadModel', 'Predict', 'PredictAndCapture'])('%s', (name) => {
  test('takes each parameter as an environment variable, by a pattern', () => {
    for (const parameter of Object.values(content(name).parameters)) {
      expect(parameter.interpolationType).toBe('ENV_VAR');
      expect(parameter.allowedPattern).toMatch(/^\^.*\$$/);
    }
  });

  test('admits no value that a shell could take for a command', () => {
    const attacks = [
      '$(reboot)',
      '`reboot`',
      'a;reboot',
      'a|reboot',
      'a&reboot',
      'a"b',
      "a'b",
      'a b',
      'a\nreboot',
      'a>b',
      'a<b',
      'a\\b',
      '${IFS}',
      '*',
      '~',
      '{{ssm:secret}}',
      '-a /tmp/x',
      '--keys',
    ];
    for (const { allowedPattern } of Object.values(content(name).parameters)) {
      expect(attacks.filter((attack) => new RegExp(allowedPattern).test(attack))).toEqual([]);
    }
  });

  test('puts a parameter into its text only as what an older agent falls back to, within quotes', () => {
    const text = content(name).mainSteps.flatMap(({ inputs }) => inputs.runCommand).join('\n');
    const fallbacks = Object.keys(content(name).parameters).map(
      (parameter) => `if [ -z "\${SSM_${parameter}+x}" ]; then export SSM_${parameter}="{{ ${parameter} }}"; fi`,
    );
    expect(text.split('\n').filter((line) => line.includes('{{'))).toEqual(fallbacks);
  });
});

describe('what they run', () => {
  /** Runs a document's script as Systems Manager would, with the client's call written down. */
  function run(name: string, values: Record<string, string>): { status: number | null; calls: string[]; stderr: string } {
    const root = modelFolder({
      'device.env': 'EDGE_BUCKET=devices\nEDGE_INPUT_PREFIX=inputs/camera/\n',
      'current/generation.json': JSON.stringify({ models: [{ name: 'reader', folder: '/store/reader' }] }),
      'runuser': '#!/bin/bash\nshift 5\necho "client $*" | sed "s#/tmp/[^ /]*/#TMP/#g" >> "$CALLS"\n',
      'aws': '#!/bin/bash\necho "aws $*" | sed "s#/tmp/[^ /]*/#TMP/#g" >> "$CALLS"\nfor last; do :; done\ntouch "$last"\n',
    });
    for (const program of ['runuser', 'aws']) {
      fs.chmodSync(path.join(root, program), 0o755);
    }
    const script = content(name)
      .mainSteps.flatMap(({ inputs }) => inputs.runCommand)
      .join('\n')
      .replaceAll('/etc/sagemaker-edge/device.env', path.join(root, 'device.env'))
      .replaceAll('/var/lib/sagemaker-edge', root)
      .replaceAll('/usr/bin/node-24', process.execPath);
    const parameters = Object.entries(content(name).parameters).map(([parameter, { default: value }]) => [
      `SSM_${parameter}`,
      values[parameter] ?? value,
    ]);
    // The input of bash is a socket. Without SHLVL it would take that for a remote shell, and read ~/.bashrc, which may set PATH.
    const { status, stderr } = spawnSync('bash', ['--norc', '-c', script], {
      env: {
        ...process.env,
        ...(Object.fromEntries(parameters) as Record<string, string>),
        TMPDIR: '/tmp',
        CALLS: path.join(root, 'calls'),
        PATH: `${root}:${process.env.PATH ?? ''}`,
      },
      encoding: 'utf8',
    });
    const calls = fs.existsSync(path.join(root, 'calls')) ? fs.readFileSync(path.join(root, 'calls'), 'utf8').trim().split('\n') : [];
    return { status, stderr, calls };
  }

  test('LoadModel finds the folder of a model that the device was given', () => {
    expect(run('LoadModel', { ModelName: 'reader' })).toMatchObject({
      status: 0,
      calls: ['client -a /run/sagemaker-edge/agent.sock LoadModel /store/reader reader'],
    });
  });

  test('LoadModel says that the device has no such model', () => {
    expect(run('LoadModel', { ModelName: 'finder' })).toMatchObject({
      status: 1,
      calls: [],
      stderr: expect.stringContaining('the device has no model finder') as string,
    });
  });

  test.each(['Predict', 'PredictAndCapture'])('%s fetches the input of this device and gives it to the model', (name) => {
    expect(run(name, { ModelName: 'reader', Input: 'a.png' })).toEqual({
      status: 0,
      stderr: '',
      calls: [
        'aws s3api get-object --bucket devices --key inputs/camera/a.png TMP/a.png',
        `client -a /run/sagemaker-edge/agent.sock ${name} reader TMP/a.png`,
      ],
    });
  });

  test.each([
    ['a tensor\'s name', { Tensor: 'x' }, '--input x=TMP/a.png'],
    ['a shape', { Shape: '1,3,48,320' }, 'TMP/a.png --shape=1,3,48,320'],
    ['mean and deviation, which may be negative', { Mean: '-0.5', Std: '0.229,0.224,0.225' }, 'TMP/a.png --mean=-0.5 --std=0.229,0.224,0.225'],
    ['a fit', { Fit: 'letterbox' }, 'TMP/a.png --fit=letterbox'],
    ['the characters of a text recogniser', { Decode: 'ctc', Labels: 'keys.txt' }, 'TMP/a.png --decode=ctc --keys=TMP/keys.txt'],
    [
      'the names of classes', { Decode: 'classes', Labels: 'names.txt', Top: '3' },
      'TMP/a.png --decode=classes --top=3 --labels=TMP/names.txt',
    ],
    ['a layout of boxes', { Decode: 'boxes', Boxes: 'v8', Score: '0.5' }, 'TMP/a.png --decode=boxes --boxes=v8 --score=0.5'],
  ])('Predict takes %s', (_what, values, wanted) => {
    expect(run('Predict', { ModelName: 'reader', Input: 'a.png', ...values }).calls.at(-1)).toBe(
      `client -a /run/sagemaker-edge/agent.sock Predict reader ${wanted}`,
    );
  });

  test('Predict fetches the names from where the input is', () => {
    expect(run('Predict', { ModelName: 'reader', Input: 'a.png', Decode: 'classes', Labels: 'names.txt' }).calls).toContain(
      'aws s3api get-object --bucket devices --key inputs/camera/names.txt TMP/names.txt',
    );
  });
});

describe('the command lines', () => {
  test('name region, document, machine and parameters', () => {
    const device = new DeviceStack();
    const line = JSON.stringify(
      device.resolve(
        device.simulated().predictCommand({ modelName: 'reader', input: 'a.png', tensor: 'x', shape: [1, 3], decoding: PredictionDecoding.text('keys.txt') }),
      ),
    );
    expect(line.replace(/\{"Ref":"([A-Za-z:]+)[^"]*"\}/g, '$1')).toContain(
      'aws ssm send-command --region ",AWS::Region," --document-name ",cdksagemakeredgeDeviceDocumentsPredictB',
    );
    expect(line).toContain(
      String.raw`--parameters '{\"ModelName\":[\"reader\"],\"Input\":[\"a.png\"],\"Tensor\":[\"x\"],\"Shape\":[\"1,3\"],`
        + String.raw`\"Decode\":[\"ctc\"],\"Labels\":[\"keys.txt\"]}'`,
    );
  });

  test('hold each option of a prediction as the document takes it', () => {
    const device = new DeviceStack();
    const line = JSON.stringify(device.resolve(device.simulated().predictCommand({
      modelName: 'finder', input: 'a.png', mean: [0.485, 0.456, 0.406], std: [0.229], fit: PictureFit.PAD,
      decoding: PredictionDecoding.boxes({ labels: 'names.txt', layout: BoxLayout.V8, score: 0.4, top: 9 }),
    })));
    const parameters: Record<string, string[]> = {
      ModelName: ['finder'], Input: ['a.png'], Mean: ['0.485,0.456,0.406'], Std: ['0.229'], Fit: ['pad'],
      Decode: ['boxes'], Labels: ['names.txt'], Boxes: ['v8'], Score: ['0.4'], Top: ['9'],
    };
    expect(line).toContain(`--parameters '${JSON.stringify(JSON.stringify(parameters)).slice(1, -1)}'`);
    for (const [name, [value = '']] of Object.entries(parameters)) {
      expect(value).toMatch(new RegExp(content('Predict').parameters[name]?.allowedPattern ?? 'a pattern'));
    }
  });

  test('hold numbers that only the deployment knows', () => {
    const device = new DeviceStack();
    const side = new CfnParameter(device, 'Side', { type: 'Number' }).valueAsNumber;
    const line = JSON.stringify(device.resolve(device.simulated().predictCommand({
      modelName: 'finder', input: 'a.png', shape: [1, 3, side, side], mean: [side], decoding: PredictionDecoding.classes({ top: side }),
    })));
    expect(line.match(/\{"Ref":"Side"\}/g)).toHaveLength(4);
  });

  test('there is one for each document', () => {
    const device = new DeviceStack();
    const simulated = device.simulated();
    expect(JSON.stringify(device.resolve(simulated.predictAndCaptureCommand({ modelName: 'reader', input: 'a.png' })))).toContain(
      'DeviceDocumentsPredictAndCapture',
    );
    expect(JSON.stringify(device.resolve(simulated.loadModelCommand('reader')))).toContain('DeviceDocumentsLoadModel');
  });

  test.each([
    ['an input', { modelName: 'reader', input: "a'; reboot" }, 'input must be 1 to 128 letters'],
    ['a tensor', { modelName: 'reader', input: 'a', tensor: "x'" }, 'tensor must be 1 to 128 letters'],
    [
      'a keys file', { modelName: 'reader', input: 'a', decoding: PredictionDecoding.text('../a') },
      'object with labels or keys must be 1 to 128 letters',
    ],
    ['no class', { modelName: 'reader', input: 'a', decoding: PredictionDecoding.classes({ top: 0 }) }, 'top must be a whole number from 1'],
    ['a score', { modelName: 'reader', input: 'a', decoding: PredictionDecoding.boxes({ score: 1.5 }) }, 'score must be a number from 0 to 1'],
    ['a deviation of 0', { modelName: 'reader', input: 'a', std: [0.5, 0] }, 'std must have numbers other than 0'],
    ['a mean without numbers', { modelName: 'reader', input: 'a', mean: [] }, 'mean must have 1 to 4 numbers, got 0'],
    ['a mean with an exponent', { modelName: 'reader', input: 'a', mean: [1e-7] }, "number of mean must be a decimal of up to 9 digits"],
    ['a shape', { modelName: 'reader', input: 'a', shape: [0] }, 'dimension of shape must be a whole number from 1 to'],
    ['a model name', { modelName: "reader'", input: 'a' }, 'modelName must be letters, digits and hyphens'],
  ])('fail for %s that the document would refuse', (_what, options, message) => {
    const device = new DeviceStack().simulated();
    expect(() => device.predictCommand(options)).toThrow(message);
  });
});
