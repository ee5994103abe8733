import { aws_ecr as ecr, aws_iam as iam, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { StudioAppType, StudioImage, StudioImageSource, StudioLifecycleConfig, type StudioImageProps } from '../../../lib';
import { has, stackIn, statements } from './experiments-stack';

const DIGEST = `sha256:${'a'.repeat(64)}`;

function imageIn(stack: Stack, props: Partial<StudioImageProps> & { tag?: string } = {}): StudioImage {
  const { tag = '1', ...more } = props;
  const repository = ecr.Repository.fromRepositoryName(stack, 'Repository', 'studio');
  return new StudioImage(stack, 'Image', { source: StudioImageSource.fromEcr(repository, tag), ...more });
}

describe('an image', () => {
  test('has a version of the container image, and a configuration for JupyterLab', () => {
    const stack = stackIn();
    imageIn(stack);
    has(stack, 'AWS::SageMaker::Image', { ImageName: 'Demo-Image', ImageRoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ImageRole'), 'Arn'] } });
    has(stack, 'AWS::SageMaker::ImageVersion', { ImageName: 'Demo-Image', BaseImage: { 'Fn::Join': ['', Match.arrayWith(['/studio:1'])] } });
    has(stack, 'AWS::SageMaker::AppImageConfig', {
      AppImageConfigName: 'Demo-Image-JupyterLab', JupyterLabAppImageConfig: {}, KernelGatewayImageConfig: Match.absent(),
    });
    Template.fromStack(stack).resourceCountIs('AWS::SageMaker::AppImageConfig', 1);
  });

  test('is pinned by a digest', () => {
    const stack = stackIn();
    imageIn(stack, { tag: DIGEST });
    has(stack, 'AWS::SageMaker::ImageVersion', { BaseImage: { 'Fn::Join': ['', Match.arrayWith([`/studio@${DIGEST}`])] } });
  });

  test('comes before its version', () => {
    const stack = stackIn();
    imageIn(stack);
    Template.fromStack(stack).hasResource('AWS::SageMaker::ImageVersion', { DependsOn: [Match.stringLikeRegexp('^Image')] });
  });

  test('has a configuration for each application', () => {
    const stack = stackIn();
    const image = imageIn(stack, { appTypes: [StudioAppType.JUPYTER_LAB, StudioAppType.CODE_EDITOR] });
    has(stack, 'AWS::SageMaker::AppImageConfig', { AppImageConfigName: 'Demo-Image-CodeEditor', CodeEditorAppImageConfig: {} });
    const name: unknown = stack.resolve(image.appImageConfigName(StudioAppType.CODE_EDITOR));
    expect(name).toEqual({ Ref: expect.stringMatching(/^ImageCodeEditorConfig/) as string });
  });

  test('is run as the container options say, with variables in the order of their names', () => {
    const stack = stackIn();
    imageIn(stack, { container: { entrypoint: 'jupyter-lab', arguments: ['--port', '8888'], environment: { Z: '1', A: '2' } } });
    has(stack, 'AWS::SageMaker::AppImageConfig', {
      JupyterLabAppImageConfig: {
        ContainerConfig: {
          ContainerEntrypoint: ['jupyter-lab'], ContainerArguments: ['--port', '8888'],
          ContainerEnvironmentVariables: [{ Key: 'A', Value: '2' }, { Key: 'Z', Value: '1' }],
        },
      },
    });
  });

  test('is pulled with a role that may pull from the one repository', () => {
    const stack = stackIn();
    imageIn(stack);
    const all = statements(stack, '^ImageRole');
    expect(all.map(({ Action }) => Action)).toEqual([
      ['ecr:BatchCheckLayerAvailability', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchGetImage'], 'ecr:GetAuthorizationToken', 'ecr:DescribeImages',
    ]);
    expect(all.filter(({ Resource }) => Resource === '*')).toEqual([{ Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' }]);
  });

  test('fails when it is asked for an application that it is not for', () => {
    const image = imageIn(stackIn());
    expect(() => image.appImageConfigName(StudioAppType.CODE_EDITOR)).toThrow('Demo/Image: the image must be for CodeEditor, got one for JupyterLab: add it to appTypes');
  });

  test.each([[[]], [[StudioAppType.JUPYTER_LAB, StudioAppType.JUPYTER_LAB]]])('fails when its applications are %p', (appTypes) => {
    expect(() => imageIn(stackIn(), { appTypes })).toThrow('Demo/Image: appTypes must be one or more, each once');
  });

  test.each(['-a', 'a_b', 'a..b'])('fails when its name is %p', (imageName) => {
    expect(() => imageIn(stackIn(), { imageName })).toThrow('imageName must be letters, digits, hyphens and dots');
  });

  test.each(['', 'sha256:1', '-x'])('fails when its tag is %p', (tag) => {
    expect(() => imageIn(stackIn(), { tag })).toThrow('tagOrDigest must be');
  });

  test('fails when another image has the name', () => {
    const stack = stackIn();
    imageIn(stack, { imageName: 'one' });
    const source = StudioImageSource.fromEcr(ecr.Repository.fromRepositoryName(stack, 'Other', 'other'), '1');
    expect(() => new StudioImage(stack, 'Second', { source, imageName: 'one' })).toThrow("the name of a Studio image must be unique in an account and region, got 'one'");
  });

  test('fails when its role does not trust SageMaker', () => {
    const stack = stackIn();
    imageIn(stack, { role: new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }) });
    expect(() => Template.fromStack(stack)).toThrow('role must trust sagemaker.amazonaws.com, got a role that does not: Demo/Role');
  });

  test.each([
    [{ entrypoint: '' }, 'container.entrypoint must have 1 to 256 characters'],
    [{ arguments: Array.from({ length: 51 }, () => 'x') }, 'container.arguments must be at most 50, got 51'],
    [{ arguments: ['x'.repeat(65)] }, 'an argument of the container must have 1 to 64 characters'],
    [{ environment: Object.fromEntries(Array.from({ length: 26 }, (_, at) => [`V${at}`, ''])) }, 'container.environment must have at most 25 variables, got 26'],
    [{ environment: { A: 'x'.repeat(257) } }, 'the environment variable A must have 0 to 256 characters'],
  ])('fails when its container is %p', (container, message) => {
    expect(() => imageIn(stackIn(), { container })).toThrow(message);
  });
});

describe('a lifecycle configuration', () => {
  const scriptIn = (stack: Stack, script: string): StudioLifecycleConfig => new StudioLifecycleConfig(stack, 'Start', { script });

  test('has the script in base64, for JupyterLab', () => {
    const stack = stackIn();
    scriptIn(stack, 'echo hello');
    has(stack, 'AWS::SageMaker::StudioLifecycleConfig', {
      StudioLifecycleConfigAppType: 'JupyterLab', StudioLifecycleConfigContent: Buffer.from('echo hello').toString('base64'),
      StudioLifecycleConfigName: Match.stringLikeRegexp('^Demo-Start-[0-9a-f]{8}$'),
    });
  });

  test('has another name with another script, since SageMaker can not change one', () => {
    const names = ['one', 'two'].map((script) => {
      const stack = stackIn();
      scriptIn(stack, script);
      return /Demo-Start-\w+/.exec(JSON.stringify(Template.fromStack(stack).toJSON()))?.[0];
    });
    expect(new Set(names).size).toBe(2);
  });

  test.each([['', 'got 0'], ['x'.repeat(12_289), 'got 12289']])('fails when the script is of another size', (script, message) => {
    expect(() => scriptIn(stackIn(), script)).toThrow(`Demo/Start: script must be 1 to 12288 bytes, ${message}`);
  });
});
