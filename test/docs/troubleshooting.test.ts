import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { App, aws_iam as iam, aws_s3 as s3, Duration, Stack } from 'aws-cdk-lib';
import { Annotations as Found, Match, Template } from 'aws-cdk-lib/assertions';
import {
  CaptureBucket, CompilationJob, CompilationTarget, CompilerDtype, CompilerOptions, DeviceFleet, DeviceRole, EdgeDevice,
  Framework, ModelInput, ModelSource, OnnxModel, PackagingJob, RoleAlias, TargetAccelerator, TargetArch,
  TargetDevice, TargetOs, ThingType, type CompilationJobProps,
} from '../../lib';
import { onnxBytes } from '../lib/onnx-bytes';
import { modelFile, modelFolder } from '../lib/temp-models';

const PAGE = readFileSync(path.join(__dirname, '..', '..', 'docs', 'troubleshooting.md'), 'utf8');
const ENV = { account: '111122223333', region: 'eu-west-1' };
const inputs = [ModelInput.tensor('x', [1, 3, 48, 320])];
const onnx = Framework.onnx({ inputs });
const { LINUX, ANDROID } = TargetOs;

const newStack = (region = ENV.region): Stack => new Stack(new App(), 'Demo', { env: { ...ENV, region } });

/** Synthesizes a compilation of a model on disk. */
function compile(props: Partial<CompilationJobProps>, stack = newStack()): void {
  new CompilationJob(stack, 'Compile', {
    model: ModelSource.fromAsset(modelFile('model.onnx', onnxBytes())),
    framework: onnx,
    target: CompilationTarget.platform({ os: LINUX, arch: TargetArch.X86_64 }),
    ...props,
  });
  Template.fromStack(stack);
}
const files = (framework: Framework, given: Record<string, string>) => () => {
  compile({ framework, model: ModelSource.fromAsset(modelFolder(given)) });
};
/** Packs a model with so many bytes of weights, which take no room on the disk. */
function sparse(bytes: number): void {
  const folder = modelFolder({ 'model.onnx': onnxBytes({ externalData: ['model.onnx.data'] }), 'model.onnx.data': '' });
  truncateSync(path.join(folder, 'model.onnx.data'), bytes);
  new OnnxModel(newStack(), 'Model', { model: ModelSource.fromAsset(folder), modelName: 'model', modelVersion: '1' });
}
const onnxInputs = (...given: ModelInput[]) => () => {
  compile({ framework: Framework.onnx({ inputs: given }) });
};
const imported = (stack: Stack) => CompilationJob.fromCompilationJobAttributes(stack, 'Made', {
  compilationJobName: 'made',
  modelArtifactUri: 's3://models/m.tar.gz',
  modelArtifactBucket: s3.Bucket.fromBucketName(stack, 'Models', 'models'),
});
const farBucket = (stack: Stack) => s3.Bucket.fromBucketAttributes(stack, 'Far', { bucketName: 'far', region: 'us-east-1' });

/** The warnings of a stack, as an error. */
function warnings(stack: Stack): never {
  throw new Error(Found.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry }) => JSON.stringify(entry.data)).join('\n'));
}

/** What a user does wrong, by a part of the row that tells of it. */
const MISTAKES: Readonly<Record<string, (() => void)[]>> = {
  'is not an ONNX model': [files(onnx, { 'model.onnx': 'hello' })],
  'is fixed in the model': [
    onnxInputs(ModelInput.tensor('y', [1])),
    onnxInputs(ModelInput.tensor('x', [1, 3, 48])),
    onnxInputs(ModelInput.tensor('x', [1, 3, 64, 320])),
  ],
  'and Neo takes fixed shapes alone': [() => { compile({ framework: Framework.onnx() }); }],
  'the inputs of an ONNX model in a bucket': [(stack = newStack()) => {
    const bucket = s3.Bucket.fromBucketName(stack, 'Models', 'models');
    compile({ framework: Framework.onnx(), model: ModelSource.fromBucket(bucket, 'model.tar.gz') }, stack);
  }],
  'MiB together': [() => { sparse(10_001 * 1024 ** 2); }, () => {
    const folder = modelFolder({ 'model.onnx': onnxBytes() });
    for (let at = 0; at < 10_000; at++) {
      writeFileSync(path.join(folder, String(at)), '');
    }
    compile({ model: ModelSource.fromAsset(folder) });
  }],
  'which is the most that ONNX itself allows': [() => {
    const file = modelFile('model.onnx', '');
    truncateSync(file, 2 ** 31);
    compile({ model: ModelSource.fromAsset(file) });
  }],
  'while aws-cdk-lib validates templates': [() => {
    process.env.CDK_VALIDATION = 'true';
    try {
      sparse(2 ** 31);
    } finally {
      process.env.CDK_VALIDATION = 'false';
    }
  }],
  'archive must hold exactly one': [
    files(Framework.tensorflow({ inputs }), { 'a.pb': '', 'b.pb': '' }),
    files(Framework.tensorflow({ inputs }), { 'a.pb': '', 'export/variables/x': '' }),
    files(Framework.keras({ inputs }), { 'model.keras': '' }),
    files(Framework.keras({ inputs }), { 'a.h5': '', 'b.h5': '' }),
    files(Framework.mxnet({ inputs }), { 'a-symbol.json': '', 'a.params': '', 'b.params': '' }),
  ],
  'must be a tar archive compressed by gzip': [() => { compile({ model: ModelSource.fromAsset(modelFile('model.tar.gz', 'plain')) }); }],
  'must hold positive whole numbers': [() => ModelInput.tensor('x', [NaN, 3])],
  'must be NCHW for KERAS': [
    () => {
      compile({
        framework: Framework.keras({ inputs: [ModelInput.tensor('x', [1, 224, 224, 3])] }),
        model: ModelSource.fromAsset(modelFile('model.h5', '')),
      });
    },
    (stack = newStack()) => {
      const framework = Framework.tflite({ inputs: [ModelInput.tensor('x', [1, 3, 224, 224])] });
      compile({ framework, model: ModelSource.fromAsset(modelFile('model.tflite', '')) }, stack);
      warnings(stack);
    },
  ],
  'PYTORCH inputs must be named': [() => {
    compile({
      framework: Framework.pytorch({ inputs: ['b', 'a'].map((name) => ModelInput.tensor(name, [1])) }),
      model: ModelSource.fromAsset(modelFile('model.pth', '')),
    });
  }],
  'takes no framework version': [() => {
    compile({ framework: Framework.pytorch({ inputs, frameworkVersion: '1.8' }), target: CompilationTarget.device(TargetDevice.COREML) });
  }],
  'architecture for': [
    () => CompilationTarget.platform({ os: ANDROID, arch: TargetArch.ARM_EABIHF }),
    () => CompilationTarget.platform({ os: ANDROID, arch: TargetArch.ARM64, accelerator: TargetAccelerator.NVIDIA }),
  ],
  'must have compiler options': [
    () => CompilationTarget.platform({ os: LINUX, arch: TargetArch.ARM64, accelerator: TargetAccelerator.NVIDIA }),
  ],
  'must be of the kind': [
    () => CompilationTarget.device(TargetDevice.JETSON_NANO, { compilerOptions: CompilerOptions.inputType(CompilerDtype.INT64) }),
  ],
  'letters, digits and hyphens': [
    () => new DeviceFleet(newStack(), 'Fleet', { deviceFleetName: 'my_fleet' }),
    () => new DeviceFleet(newStack(), 'Fleet').addDevice('Camera', { deviceName: 'camera.1' }),
    () => new OnnxModel(newStack(), 'Model', {
      model: ModelSource.fromAsset(modelFile('model.onnx', onnxBytes())),
      modelName: 'my_model',
      modelVersion: '1.0',
    }),
  ],
  'no hyphen, no plus': [() => {
    const stack = newStack();
    new PackagingJob(stack, 'Package', { compilationJob: imported(stack), modelName: 'reader', modelVersion: '1.0.0-beta' });
  }],
  'was offered only in': [() => new DeviceFleet(newStack('eu-west-3'), 'Fleet'), () => {
    const stack = newStack('us-west-1');
    new PackagingJob(stack, 'Package', { compilationJob: imported(stack), modelName: 'reader', modelVersion: '1.0' });
  }],
  'a compilation for': [
    () => { compile({ target: CompilationTarget.device(TargetDevice.ML_INF2) }); },
    () => {
      const stack = newStack();
      compile({ outputBucket: farBucket(stack) }, stack);
    },
    () => {
      const stack = newStack();
      compile({ model: ModelSource.fromBucket(farBucket(stack), 'model.tar.gz') }, stack);
    },
  ],
  'DeviceFleet.serviceRetired': [
    () => {
      const stack = newStack();
      new DeviceFleet(stack, 'Fleet');
      warnings(stack);
    },
    () => {
      const stack = newStack();
      new PackagingJob(stack, 'Package', { compilationJob: imported(stack), modelName: 'reader', modelVersion: '1.0' });
      warnings(stack);
    },
  ],
  'credentialDuration must be': [() => {
    const stack = newStack();
    new RoleAlias(stack, 'Alias', { role: new DeviceRole(stack, 'Role'), credentialDuration: Duration.hours(2) });
  }],
  'role must trust': [
    (stack = newStack()) => { compile({ role: new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }) }, stack); },
    (stack = newStack()) => {
      new DeviceFleet(stack, 'Fleet', { role: new DeviceRole(stack, 'Role') });
      Template.fromStack(stack);
    },
    (stack = newStack()) => {
      new RoleAlias(stack, 'Alias', { role: new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }) });
      Template.fromStack(stack);
    },
  ],
  'must contain \'sagemaker\'': [
    (stack = newStack()) => {
      new DeviceFleet(stack, 'Fleet', {
        useManagedPolicy: true,
        captureBucket: CaptureBucket.fromBucketName(stack, 'Captures', 'captures'),
      });
    },
    (stack = newStack()) => {
      new DeviceFleet(stack, 'Fleet', { useManagedPolicy: true, captureBucket: new CaptureBucket(stack, 'Captures') });
      warnings(stack);
    },
  ],
  'maxRuntime in seconds': [() => { compile({ maxRuntime: Duration.hours(1) }); }],
  'the inline policies of this role': [() => {
    const stack = newStack();
    const roleAlias = RoleAlias.fromRoleAliasName(stack, 'Alias', 'devices');
    const thingType = new ThingType(stack, 'Type');
    for (let index = 0; index < 80; index++) {
      new EdgeDevice(stack, `Camera${index}`, { fleetName: 'shop', deviceName: `camera${index}`, roleAlias, thingType }).addCertificate();
    }
    Template.fromStack(stack);
  }],
};

/** The rows of the table under a heading; of each, what a user sees: the quotes of its first cell. */
function rows(heading: string): string[][] {
  const [, section = ''] = PAGE.split(`## ${heading}\n`);
  const [table = ''] = section.split('\n## ');
  const lines = table.split('\n').filter((line) => line.startsWith('| ')).slice(1);
  const firstCells = lines.map((line) => line.split(' | ')[0] ?? '');
  return firstCells.map((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, quote = '']) => quote));
}

/** Matches what a quote of the page stands for; `…` stands for anything. */
function pattern(quote: string): RegExp {
  const parts = quote.split('…').map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(parts.join('[^]*'));
}

function message(mistake: () => void): string {
  try {
    mistake();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return 'nothing was refused';
}

describe('each row about the synth', () => {
  const table = rows('At synth');

  test('is tried here', () => {
    const keys = Object.keys(MISTAKES);
    expect(table.filter((quotes) => keys.filter((key) => quotes.some((quote) => quote.includes(key))).length !== 1)).toEqual([]);
    expect(keys).toHaveLength(table.length);
  });

  test.each(Object.entries(MISTAKES))('says what a user will see: %s', (key, mistakes) => {
    const quotes = table.find((candidates) => candidates.some((quote) => quote.includes(key))) ?? [];
    const messages = mistakes.map(message);
    expect(messages.filter((text) => !quotes.some((quote) => pattern(quote).test(text)))).toEqual([]);
    expect(quotes.filter((quote) => !messages.some((text) => pattern(quote).test(text)))).toEqual([]);
  });
});
