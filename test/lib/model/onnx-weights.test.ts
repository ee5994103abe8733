import { readdirSync, symlinkSync, truncateSync } from 'node:fs';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { Framework, ModelInput, ModelSource, OnnxModel } from '../../../lib';
import { onnxBytes } from '../onnx-bytes';
import { modelArchive, modelFile, modelFolder, tarList } from '../temp-models';

const MANIFEST = 'sagemaker_edge_manifest';
const POINTER = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12345\n`;
const compiled = Framework.onnx({ inputs: [ModelInput.tensor('x', [1, 3, 48, 320])] });
let app: App;
let stack: Stack;

beforeEach(() => {
  app = new App();
  stack = new Stack(app, 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
});

function pack(source: string, id = 'Model'): OnnxModel {
  return new OnnxModel(stack, id, { model: ModelSource.fromAsset(source), modelName: 'classifier', modelVersion: '1.0' });
}

function packed(): string[] {
  const { directory } = app.synth();
  return readdirSync(directory).filter((name) => name.endsWith('.tar.gz')).flatMap((name) => tarList(path.join(directory, name)));
}

function compile(source: string): void {
  ModelSource.fromAsset(source)._bind(stack, compiled);
}

describe('weights beside the model', () => {
  test.each([
    ['as PyTorch writes them', 'model.onnx.data', 'model.onnx.data'],
    ['in a sub-folder', 'weights/model.bin', 'weights/model.bin'],
    ['in a hidden file', '.model.data', '.model.data'],
    ['in a hidden folder', '.weights/model.data', '.weights/model.data'],
    ['with blanks in the name', 'my weights.data', 'my weights.data'],
    ['with a dot before the path', './model.data', 'model.data'],
    ['in another script', 'вес.data', 'вес.data'],
  ])('are packed along with the file, and with the folder: %s', (_name, location, name) => {
    const folder = modelFolder({ 'model.onnx': onnxBytes({ externalData: [location] }), [name]: 'four' });
    const file = pack(path.join(folder, 'model.onnx'), 'File');
    expect(file._packagedFiles().map((entry) => entry.path).sort()).toEqual([name, 'model.onnx', MANIFEST].sort());
    expect(pack(folder, 'Folder').modelArtifactDigest).toBe(file.modelArtifactDigest);
  });

  test('are packed along where a constant in a branch has them', () => {
    const folder = modelFolder({ 'model.onnx': onnxBytes({ nestedData: ['branch.data'] }), 'branch.data': 'four' });
    pack(path.join(folder, 'model.onnx'));
    expect(packed()).toEqual(['branch.data', 'model.onnx', MANIFEST]);
  });

  test('change the digest of the package, though the .onnx file is the same', () => {
    const onnx = onnxBytes({ externalData: ['model.onnx.data'] });
    const [first = '', second = ''] = ['old!', 'new!'].map((data) => modelFolder({ 'model.onnx': onnx, 'model.onnx.data': data }));
    expect(pack(path.join(first, 'model.onnx')).modelArtifactDigest).not.toBe(pack(path.join(second, 'model.onnx'), 'Other').modelArtifactDigest);
  });

  test('are packed alone: other files beside a model given as a file are not', () => {
    const onnx = onnxBytes({ externalData: ['model.onnx.data'] });
    pack(path.join(modelFolder({ 'model.onnx': onnx, 'model.onnx.data': 'four', 'other.txt': '' }), 'model.onnx'));
    expect(packed()).toEqual(['model.onnx', 'model.onnx.data', MANIFEST]);
  });

  test('may have more than 2 GiB, beside an .onnx file that has less', () => {
    const folder = modelFolder({ 'model.onnx': onnxBytes({ externalData: ['model.onnx.data', 'other.data'] }), 'model.onnx.data': '' });
    truncateSync(path.join(folder, 'model.onnx.data'), 9 * 1024 ** 3); // takes no room on the disk, and is not read
    expect(() => pack(folder)).toThrow("Stack/Model: model.onnx keeps weights in 'other.data', which is not beside it");
  });

  test('fails when they have more than 2 GiB and aws-cdk-lib is to validate the templates, since it would end in a RangeError', () => {
    const folder = modelFolder({ 'model.onnx': onnxBytes({ externalData: ['model.onnx.data'] }), 'model.onnx.data': '' });
    truncateSync(path.join(folder, 'model.onnx.data'), 2 ** 31);
    const { CDK_VALIDATION } = process.env;
    delete process.env.CDK_VALIDATION;
    try {
      expect(() => pack(folder)).toThrow(new RegExp(
        '^Stack/Model: the package of a model must have at most 2147483647 bytes while aws-cdk-lib validates templates, '
        + 'since .*, got 2147483\\d+: set CDK_VALIDATION=false in the environment of the synth$',
      ));
    } finally {
      process.env.CDK_VALIDATION = CDK_VALIDATION;
    }
  });

  test('fails when they have more than 10,000 MiB, also where the model is given as a file', () => {
    const folder = modelFolder({ 'model.onnx': onnxBytes({ externalData: ['model.onnx.data'] }), 'model.onnx.data': '' });
    truncateSync(path.join(folder, 'model.onnx.data'), 10_000 * 1024 ** 2);
    expect(() => pack(path.join(folder, 'model.onnx'))).toThrow(/^Stack\/Model: the files of .*model\.onnx must have at most 10000 MiB together/);
  });

  test.each(['../model.data', '/etc/hostname', 'a/../../model.data', ''])('fails when they are out of its folder: %j', (location) => {
    expect(() => pack(modelFile('model.onnx', onnxBytes({ externalData: [location] })))).toThrow(
      `Stack/Model: model.onnx must keep its weights in its own folder, got '${location}': save it again with a location such as 'model.onnx.data'`,
    );
  });

  test.each([['a file', modelFile], ['an archive', (name: string, bytes: Buffer) => modelArchive({ [name]: bytes })]])(
    'fails when they are missing beside %s',
    (_name, make) => {
      expect(() => pack(make('model.onnx', onnxBytes({ externalData: ['model.onnx.data'] })))).toThrow(
        "Stack/Model: model.onnx keeps weights in 'model.onnx.data', which is not beside it: give both in one folder or archive",
      );
    },
  );

  test('fails when the model is to be compiled, and says how to save it', () => {
    const folder = modelFolder({ 'model.onnx': onnxBytes({ externalData: ['model.onnx.data'] }), 'model.onnx.data': 'four' });
    expect(() => {
      compile(folder);
    }).toThrow(/Stack: model.onnx must hold its weights itself to be compiled, got some in 'model.onnx.data'.*external_data=False/);
  });
});

describe('a pointer of Git LFS', () => {
  test('fails when it stands for the model', () => {
    expect(() => pack(modelFile('model.onnx', POINTER))).toThrow(
      "Stack/Model: model.onnx is a pointer of Git LFS, not the file that it stands for: fetch the files by 'git lfs pull'",
    );
  });

  test('fails when it stands for the weights', () => {
    const folder = modelFolder({ 'model.onnx': onnxBytes({ externalData: ['model.onnx.data'] }), 'model.onnx.data': POINTER });
    expect(() => pack(path.join(folder, 'model.onnx'))).toThrow(/model.onnx.data is a pointer of Git LFS/);
  });

  test('fails when it stands for a model that is to be compiled', () => {
    expect(() => {
      compile(modelArchive({ 'model.onnx': POINTER }));
    }).toThrow(/model.onnx is a pointer of Git LFS/);
  });

  test('is no matter where the file is not packed', () => {
    expect(() => {
      compile(modelFolder({ 'model.onnx': onnxBytes(), 'photo.jpg': POINTER }));
    }).not.toThrow();
  });
});

describe('a link that leads nowhere', () => {
  const linked = (target: string, name: string, folder = modelFolder({})): string => {
    symlinkSync(target, path.join(folder, name));
    return folder;
  };

  test('fails when it is the model', () => {
    const file = path.join(linked('gone.onnx', 'model.onnx'), 'model.onnx');
    expect(() => pack(file)).toThrow(`Stack/Model: ${file} is a link to 'gone.onnx', where there is no file`);
  });

  test('fails when it is in the folder', () => {
    const folder = linked('../blobs/1', 'labels.txt', modelFolder({ 'model.onnx': onnxBytes() }));
    expect(() => pack(folder)).toThrow(`${folder}/labels.txt is a link to '../blobs/1', where there is no file`);
  });

  test('fails when it is the weights', () => {
    const folder = linked('blob', '.data', modelFolder({ 'model.onnx': onnxBytes({ externalData: ['.data'] }) }));
    expect(() => pack(folder)).toThrow(`${folder}/.data is a link to 'blob', where there is no file`);
  });

  test('fails when it leads to itself', () => {
    expect(() => pack(linked('model.onnx', 'model.onnx'))).toThrow(/model.onnx is a link to 'model.onnx', where there is no file/);
  });
});
