import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { StudioAppType, StudioImage, StudioImageSource, type StudioImageBuildOptions } from '../../../lib';
import { imageCheck } from '../../../lib/experiments/private/studio/image-check';
import { has, stackIn } from './experiments-stack';

const FOLDER = path.join(__dirname, 'studio-image');

function build(stack: Stack, options: StudioImageBuildOptions = {}, appTypes?: StudioAppType[], folder = FOLDER): StudioImage {
  return new StudioImage(stack, 'Image', { source: StudioImageSource.fromFolder(folder, options), appTypes });
}

function variable(stack: Stack, name: string): string {
  const [project] = Object.values(Template.fromStack(stack).findResources('AWS::CodeBuild::Project')) as { Properties: { Environment: { EnvironmentVariables: { Name: string; Value: string }[] } } }[];
  return project?.Properties.Environment.EnvironmentVariables.find(({ Name: each }) => each === name)?.Value ?? '';
}

describe('an image of Studio that is built', () => {
  test('is used by the digest that its build gives', () => {
    const stack = stackIn();
    build(stack);
    has(stack, 'AWS::SageMaker::ImageVersion', {
      BaseImage: { 'Fn::Join': ['', Match.arrayWith(['@', { 'Fn::GetAtt': [Match.stringLikeRegexp('^ImageBuild'), 'ImageDigest'] }])] },
    });
  });

  test('is checked before it is pushed', () => {
    const stack = stackIn();
    build(stack);
    has(stack, 'AWS::CodeBuild::Project', {
      Source: { BuildSpec: Match.stringLikeRegexp('docker build .* && docker run --rm --network none .* && docker push') },
    });
  });

  test('is another when a file, or what it must have, changes', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'studio-image-'));
    fs.writeFileSync(path.join(folder, 'Dockerfile'), 'FROM a');
    const tags = [{}, { requiredCommands: ['git'] }].map((options) => {
      const stack = stackIn();
      build(stack, options, undefined, folder);
      return variable(stack, 'TAG');
    });
    fs.writeFileSync(path.join(folder, 'Dockerfile'), 'FROM b');
    const stack = stackIn();
    build(stack, {}, undefined, folder);
    fs.rmSync(folder, { recursive: true });
    expect(new Set([...tags, variable(stack, 'TAG')]).size).toBe(3);
  });

  test('needs a kernel for JupyterLab alone', () => {
    const kernelIn = (appType: StudioAppType): boolean => {
      const stack = stackIn();
      build(stack, {}, [appType]);
      return variable(stack, 'CHECK').includes('jupyter kernelspec');
    };
    expect([kernelIn(StudioAppType.JUPYTER_LAB), kernelIn(StudioAppType.CODE_EDITOR)]).toEqual([true, false]);
  });

  test('is pulled by SageMaker, and deleted with the stack', () => {
    const stack = stackIn();
    build(stack);
    has(stack, 'AWS::ECR::Repository', { ImageTagMutability: 'IMMUTABLE', EmptyOnDelete: true });
    has(stack, 'AWS::IAM::Policy', { PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({
      Action: 'ecr:DescribeImages', Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ImageBuildRepository'), 'Arn'] },
    })]) } });
  });

  test('fails when the folder has no Dockerfile', () => {
    expect(() => build(stackIn(), {}, undefined, __dirname)).toThrow(
      /the folder of an image must have a Dockerfile, got none in .*experiments/,
    );
  });

  test('fails when a command is no name', () => {
    expect(() => build(stackIn(), { requiredCommands: ['git; true'] })).toThrow("each of requiredCommands must be the name of a program");
  });
});

describe('the check of an image', () => {
  let bin: string;
  const program = (name: string, body: string): void => {
    fs.writeFileSync(path.join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
  };
  const check = (needsKernel = true): { status: number | null; stderr: string } => {
    const { status, stderr } = spawnSync('/bin/sh', ['-c', imageCheck(['git', 'dvc'], needsKernel)], { env: { PATH: bin }, encoding: 'utf8' });
    return { status, stderr };
  };

  beforeEach(() => {
    bin = fs.mkdtempSync(path.join(os.tmpdir(), 'image-check-'));
    fs.symlinkSync(fs.existsSync('/usr/bin/grep') ? '/usr/bin/grep' : '/bin/grep', path.join(bin, 'grep'));
    program('id', 'case $1 in -u) echo 1000;; *) echo 100;; esac');
    program('git', '');
    program('dvc', '');
    program('jupyter', `echo '{"kernelspecs": {"python3": {"resource_dir": "/opt/kernel"}}}'`);
  });
  afterEach(() => {
    fs.rmSync(bin, { recursive: true });
  });

  test('passes one that has all', () => {
    expect(check()).toEqual({ status: 0, stderr: '' });
  });

  test('fails when there is no dvc', () => {
    fs.rmSync(path.join(bin, 'dvc'));
    expect(check()).toEqual({ status: 1, stderr: "The image must have the command 'dvc' in PATH.\n" });
  });

  test('fails when its user is root', () => {
    program('id', 'echo 0');
    expect(check()).toEqual({ status: 1, stderr: expect.stringContaining('a user with the uid 1000 and the gid 100, got 0:0') as string });
  });

  test('fails when it has no kernel, and only where it needs one', () => {
    program('jupyter', `echo '{"kernelspecs": {}}'`);
    expect([check().stderr, check(false).status]).toEqual(['The image must have a kernel of Jupyter: install ipykernel.\n', 0]);
  });

  test('tells all that is missing', () => {
    fs.rmSync(path.join(bin, 'git'));
    fs.rmSync(path.join(bin, 'jupyter'));
    expect(check().stderr.trim().split('\n')).toHaveLength(2);
  });
});
