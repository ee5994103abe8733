import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { aws_s3 as s3, Stage, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { ModelComponent, ModelRuntime, OnnxModel, PackagingJob, type IDeployableModel, type ModelComponentProps } from '../../../lib';
import { onnxBytes } from '../onnx-bytes';
import { newStack, onnxModel, recipe } from './fixture';

const NAME = 'Stack.Model';
let stack: Stack;
beforeEach(() => {
  stack = newStack();
});

const component = (props: Partial<ModelComponentProps> = {}): ModelComponent =>
  new ModelComponent(stack, 'Model', { model: props.model ?? onnxModel(stack), ...props });
const versionOf = (content?: Buffer, modelVersion?: string): string => {
  stack = newStack();
  return component({ model: onnxModel(stack, 'Onnx', content, modelVersion) }).componentVersion;
};

describe('a model component', () => {
  test('brings the model\'s package, readable by every component, and runs nothing but what keeps lite\'s unit alive', () => {
    const { componentVersion } = component();
    const artifacts = [
      {
        Uri: expect.stringMatching(new RegExp(`/${NAME}/${componentVersion}/recogniser\\.zip$`)) as string,
        Unarchive: 'ZIP',
        Permission: { Read: 'ALL', Execute: 'NONE' },
      },
    ];
    expect(recipe(stack, NAME)).toMatchObject({
      ComponentVersion: componentVersion,
      Manifests: [
        {
          Platform: { os: 'linux', runtime: 'aws_nucleus_lite' },
          Lifecycle: { run: { Script: 'exec sleep infinity' } },
          Artifacts: artifacts,
        },
        { Platform: { os: '*', runtime: '*' }, Lifecycle: {}, Artifacts: artifacts },
      ],
    });
  });

  test('the package holds the model and the manifest that the agent checks it by', () => {
    component();
    const outdir = Stage.of(stack)?.outdir ?? '';
    const copies = Object.values(Template.fromStack(stack).findResources('Custom::SageMakerEdge-ComponentArtifacts')) as {
      Properties: { Copies: { SourceKey: string }[] };
    }[];
    const zip = path.join(outdir, `asset.${copies[0]?.Properties.Copies[0]?.SourceKey ?? ''}`);
    const names = execFileSync(
      'python3',
      ['-c', 'import sys,zipfile; f=zipfile.ZipFile(sys.argv[1]); f.testzip(); print(*sorted(f.namelist()))', zip],
      { encoding: 'utf8' },
    );
    expect(names.trim().split(' ')).toEqual(['model.onnx', 'sagemaker_edge_manifest']);
    expect(fs.statSync(zip).size).toBeGreaterThan(onnxBytes().length);
  });

  test('the same model is the same version, another one another', () => {
    expect(versionOf()).toBe(versionOf());
    expect(versionOf()).not.toBe(versionOf(onnxBytes({ weights: ['other'] })));
  });

  test.each([
    ['1.0', 1, 0],
    ['2', 2, 0],
    ['3.14', 3, 14],
    ['3.14.15', 3, 14],
    ['v3', 1, 0],
    ['spring', 1, 0],
    ['999999.99', 999999, 99],
    ['20261126', 1, 0],
    ['2.100', 1, 0],
  ])("the version begins as the model's %s does, with the minor number before four digits of the hash", (modelVersion, major, minor) => {
    const [first, second, third] = versionOf(undefined, modelVersion).split('.').map(Number);
    expect([first, Math.floor((second ?? NaN) / 10_000)]).toEqual([major, minor]);
    expect(Math.max(first ?? NaN, second ?? NaN, third ?? NaN)).toBeLessThanOrEqual(999_999);
  });

  test('a later model has a later version, whatever its content', () => {
    const second = (modelVersion: string): number => Number(versionOf(undefined, modelVersion).split('.')[1]);
    expect(second('1.9')).toBeLessThan(second('1.10'));
  });

  test('its description has the whole version of the model', () => {
    component({ model: onnxModel(stack, 'Onnx', undefined, '20261126') });
    expect(recipe(stack, NAME)).toMatchObject({ ComponentDescription: expect.stringContaining(' 20261126 ') as string });
  });

  test('a given version is used', () => {
    expect(component({ componentVersion: '5.0.0' }).componentVersion).toBe('5.0.0');
  });

  test('a model that is in S3 alone is copied as it is', () => {
    const model = OnnxModel.fromOnnxModelAttributes(stack, 'Imported', {
      modelName: 'recogniser',
      modelVersion: '1.0',
      modelArtifactBucket: s3.Bucket.fromBucketName(stack, 'Models', 'models'),
      modelArtifactKey: 'a/b.tar.gz',
      modelArtifactDigest: 'a'.repeat(64),
    });
    const { packagePath, componentVersion } = component({ model });
    expect(packagePath).toBe(`packages/artifacts/${NAME}/${componentVersion}/recogniser.tar.gz`);
    expect(recipe(stack, NAME).Manifests[0]?.Artifacts).toMatchObject([{ Unarchive: 'NONE', Permission: { Read: 'ALL' } }]);
    Template.fromStack(stack).hasResourceProperties('Custom::SageMakerEdge-ComponentArtifacts', {
      Copies: [Match.objectLike({ SourceBucket: 'models', SourceKey: 'a/b.tar.gz' })],
    });
  });

  test.each([ModelRuntime.DLR, ModelRuntime.FROM_MANIFEST])('fails when the runtime is %s', (runtime) => {
    const onnx = onnxModel(stack);
    const model: IDeployableModel = Object.create(onnx, { runtime: { value: runtime } }) as IDeployableModel;
    expect(() => component({ model })).toThrow(
      new RegExp(`model must have the runtime ONNX, which is what the agent runs, got ${runtime}.*use an OnnxModel`),
    );
  });

  test('fails when neither files nor digest are known', () => {
    const model = PackagingJob.fromPackagingJobAttributes(stack, 'Packed', {
      modelName: 'recogniser',
      modelVersion: '1.0',
      modelArtifactBucket: s3.Bucket.fromBucketName(stack, 'Models', 'models'),
      modelArtifactUri: 's3://models/x.tar.gz',
      runtime: ModelRuntime.ONNX,
    });
    expect(() => component({ model })).toThrow(/whose digest and place are known at synth/);
  });

  test('an import knows where its package is on a device', () => {
    const bucket = s3.Bucket.fromBucketName(stack, 'Artifacts', 'artifacts');
    const imported = ModelComponent.fromModelComponentAttributes(stack, 'Import', {
      componentName: 'my.model',
      componentVersion: '1.2.3',
      modelName: 'recogniser',
      artifactBucket: bucket,
    });
    expect(imported).toMatchObject({
      componentName: 'my.model',
      componentVersion: '1.2.3',
      modelName: 'recogniser',
      packagePath: 'packages/artifacts-unarchived/my.model/1.2.3/recogniser',
      artifactBucket: bucket,
    });
    expect(JSON.stringify(stack.resolve(imported.componentVersionArn))).toContain('components:my.model:versions:1.2.3');
  });
});
