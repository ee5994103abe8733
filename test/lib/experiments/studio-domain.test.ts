import { aws_iam as iam, aws_kms as kms, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { EndpointInstanceType, StudioAppType, StudioDomain, StudioLifecycleConfig, StudioNetworkAccess, type StudioImage } from '../../../lib';
import { has, stackIn, statements } from './experiments-stack';
import { ATTACHMENT, CLEANUP, dependencies, DOMAIN, domainIn, existingIn, imageIn } from './studio-stack';

describe('a domain', () => {
  test('signs in with IAM, in the VPC alone', () => {
    const stack = stackIn();
    domainIn(stack);
    has(stack, DOMAIN, {
      DomainName: 'Demo-Domain', AuthMode: 'IAM', VpcId: 'vpc-1', SubnetIds: ['subnet-1'], AppNetworkAccessType: 'VpcOnly', KmsKeyId: Match.absent(),
      DefaultUserSettings: Match.objectLike({ StudioWebPortal: 'ENABLED', DefaultLandingUri: 'studio::', SecurityGroups: [{ 'Fn::GetAtt': [Match.anyValue(), 'GroupId'] }] }),
    });
  });

  test('gives users without a role of their own no right at all', () => {
    const stack = stackIn();
    domainIn(stack);
    has(stack, DOMAIN, { DefaultUserSettings: { ExecutionRole: { 'Fn::GetAtt': [Match.stringLikeRegexp('^DomainRole'), 'Arn'] } } });
    expect(statements(stack, '^DomainRole')).toEqual([]);
  });

  test('stops applications after two hours without use', () => {
    const stack = stackIn();
    domainIn(stack);
    const idle = { AppLifecycleManagement: { IdleSettings: { LifecycleManagement: 'ENABLED', IdleTimeoutInMinutes: 120 } } };
    has(stack, DOMAIN, { DefaultUserSettings: { JupyterLabAppSettings: idle, CodeEditorAppSettings: idle } });
  });

  test('can leave applications running', () => {
    const stack = stackIn();
    domainIn(stack, { idleShutdown: false });
    has(stack, DOMAIN, { DefaultUserSettings: { JupyterLabAppSettings: { AppLifecycleManagement: { IdleSettings: { LifecycleManagement: 'DISABLED', IdleTimeoutInMinutes: Match.absent() } } } } });
  });

  test('takes network access, a key, an instance type and a script', () => {
    const stack = stackIn();
    const script = new StudioLifecycleConfig(stack, 'Start', { script: 'true' });
    domainIn(stack, {
      networkAccess: StudioNetworkAccess.PUBLIC_INTERNET, encryptionKey: new kms.Key(stack, 'Key'), instanceType: EndpointInstanceType.of('ml.t3.large'),
      lifecycleConfigs: [script], idleTimeout: Duration.hours(1),
    });
    const arn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^Start'), 'StudioLifecycleConfigArn'] };
    has(stack, DOMAIN, {
      AppNetworkAccessType: 'PublicInternetOnly', KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
      DefaultUserSettings: {
        JupyterLabAppSettings: { LifecycleConfigArns: [arn], DefaultResourceSpec: { InstanceType: 'ml.t3.large', LifecycleConfigArn: arn } },
        CodeEditorAppSettings: { LifecycleConfigArns: Match.absent(), DefaultResourceSpec: { InstanceType: 'ml.t3.large', LifecycleConfigArn: Match.absent() } },
      },
    });
  });

  test('has its images in the settings of their applications, with their versions', () => {
    const stack = stackIn();
    domainIn(stack, { images: [imageIn(stack)] });
    has(stack, DOMAIN, {
      DefaultUserSettings: {
        JupyterLabAppSettings: {
          CustomImages: [{
            ImageName: 'Demo-Image', AppImageConfigName: { Ref: Match.stringLikeRegexp('^ImageJupyterLabConfig') },
            ImageVersionNumber: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ImageVersion'), 'Version'] },
          }],
        },
        CodeEditorAppSettings: { CustomImages: Match.absent() },
      },
    });
  });

  test('has an image once that is attached twice, also after it was made', () => {
    const stack = stackIn();
    const domain = domainIn(stack);
    const image = imageIn(stack, [StudioAppType.CODE_EDITOR]);
    domain.addImage(image);
    domain.addImage(image);
    has(stack, DOMAIN, { DefaultUserSettings: { CodeEditorAppSettings: { CustomImages: [Match.objectLike({ ImageName: 'Demo-Image' })] } } });
    Template.fromStack(stack).resourceCountIs(ATTACHMENT, 0);
  });

  test('knows its attributes', () => {
    const stack = stackIn();
    const { domainArn, domainId, domainUrl, homeFileSystemId } = domainIn(stack);
    const of = (name: string): object => ({ 'Fn::GetAtt': [expect.stringMatching(/^Domain/), name] });
    expect(stack.resolve([domainId, domainArn, domainUrl, homeFileSystemId])).toEqual(['DomainId', 'DomainArn', 'Url', 'HomeEfsFileSystemId'].map(of));
  });

  test('keeps the home directories when it is deleted', () => {
    const stack = stackIn();
    domainIn(stack);
    has(stack, CLEANUP, { HomeFileSystem: Match.absent(), DomainId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Domain'), 'DomainId'] } });
    expect(JSON.stringify(statements(stack))).not.toContain('sagemaker:DeleteDomain');
  });

  test('deletes the home directories where that is asked for', () => {
    const stack = stackIn();
    domainIn(stack, { removalPolicy: RemovalPolicy.DESTROY });
    has(stack, CLEANUP, { HomeFileSystem: 'Delete' });
    expect(statements(stack)).toContainEqual(expect.objectContaining({ Action: ['sagemaker:DeleteDomain', 'sagemaker:DescribeDomain'] }));
  });

  test.each([[Duration.minutes(59), 59], [Duration.days(366), 527_040]])('fails when idle time is %p', (idleTimeout, minutes) => {
    expect(() => domainIn(stackIn(), { idleTimeout })).toThrow(`Demo/Domain: minutes of idleTimeout must be a whole number from 60 to 525600, got ${minutes}`);
  });

  test('fails when there is an idle time without a shutdown', () => {
    expect(() => domainIn(stackIn(), { idleTimeout: Duration.hours(1), idleShutdown: false })).toThrow('idleTimeout needs idleShutdown, got idleShutdown: false');
  });

  test('fails when its name is wrong', () => {
    expect(() => domainIn(stackIn(), { domainName: 'a_b' })).toThrow("domainName must be letters, digits and hyphens, with neither end a hyphen, got 'a_b'");
  });

  test('fails when the role does not trust SageMaker', () => {
    const stack = stackIn();
    domainIn(stack, { executionRole: new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }) });
    expect(() => Template.fromStack(stack)).toThrow('executionRole must trust sagemaker.amazonaws.com');
  });

  test('fails when it has more images than SageMaker takes', () => {
    const stack = stackIn();
    const domain = domainIn(stack);
    const [first] = [imageIn(stack)];
    for (let at = 0; at < 200; at++) {
      domain.addImage(Object.create(first) as StudioImage);
    }
    expect(() => domain.addImage(first)).toThrow('images must be at most 200, got one more');
  });
});

describe('an existing domain', () => {
  test('has an image attached and taken away by a custom resource, for each application', () => {
    const stack = stackIn();
    existingIn(stack).addImage(imageIn(stack, [StudioAppType.JUPYTER_LAB, StudioAppType.CODE_EDITOR]));
    for (const AppType of ['JupyterLab', 'CodeEditor']) {
      has(stack, ATTACHMENT, {
        DomainId: 'd-existing', AppType, ImageName: 'Demo-Image', ImageVersionNumber: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ImageVersion'), 'Version'] },
      });
    }
    Template.fromStack(stack).resourceCountIs(DOMAIN, 0);
  });

  test('is changed by a handler that may describe and update it alone', () => {
    const stack = stackIn();
    existingIn(stack).addImage(imageIn(stack));
    expect(statements(stack, '^ExistingImage')).toEqual([{
      Effect: 'Allow', Action: ['sagemaker:DescribeDomain', 'sagemaker:UpdateDomain'],
      Resource: { 'Fn::Join': ['', expect.arrayContaining([':sagemaker:', ':domain/d-existing']) as string[]] },
    }]);
  });

  test('has an image attached once', () => {
    const stack = stackIn();
    const domain = existingIn(stack);
    const image = imageIn(stack);
    expect(domain.addImage(image)).toBe(domain.addImage(image));
    Template.fromStack(stack).resourceCountIs(ATTACHMENT, 1);
  });

  test('takes the image away before the image goes', () => {
    const stack = stackIn();
    existingIn(stack).addImage(imageIn(stack));
    const waits = dependencies(stack, ATTACHMENT);
    expect(waits).toContainEqual(expect.stringMatching(/^ImageVersion/));
    expect(waits).toContainEqual(expect.stringMatching(/^ImageJupyterLabConfig/));
  });

  test.each(['existing', 'D-1', 'd-'])('fails when its ID is %p', (domainId) => {
    expect(() => StudioDomain.fromDomainId(stackIn(), 'Existing', domainId)).toThrow("domainId must be an ID like 'd-abc123def456'");
  });
});
