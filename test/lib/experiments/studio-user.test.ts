import { aws_iam as iam, aws_kms as kms, Size, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { EndpointInstanceType, StudioAppType, StudioLifecycleConfig, StudioUser, type IStudioDomain, type StudioUserProps } from '../../../lib';
import { has, stackIn, statements } from './experiments-stack';
import { CLEANUP, dependencies, domainIn, existingIn, imageIn, SPACE, USER } from './studio-stack';

const userIn = (stack: Stack, domain: IStudioDomain, props: Partial<StudioUserProps> = {}): StudioUser => (
  new StudioUser(stack, 'Ana', { domain, ...props })
);

describe('a user', () => {
  test('has a profile in the domain, with a role of its own', () => {
    const stack = stackIn();
    userIn(stack, existingIn(stack));
    has(stack, USER, { DomainId: 'd-existing', UserProfileName: 'Demo-Ana', UserSettings: { ExecutionRole: { 'Fn::GetAtt': [Match.stringLikeRegexp('^AnaRole'), 'Arn'] } } });
  });

  test('may run private spaces of their own, and of nobody else', () => {
    const stack = stackIn();
    userIn(stack, existingIn(stack), { userProfileName: 'ana' });
    const own = {
      ArnLike: { 'sagemaker:OwnerUserProfileArn': { 'Fn::Join': ['', expect.arrayContaining([':user-profile/d-existing/ana']) as string[]] } },
      StringEquals: { 'sagemaker:SpaceSharingType': ['Private'] },
    };
    for (const Action of [['sagemaker:CreateSpace', 'sagemaker:DeleteSpace', 'sagemaker:UpdateSpace'], ['sagemaker:CreateApp', 'sagemaker:DeleteApp']]) {
      expect(statements(stack, '^AnaRole')).toContainEqual(expect.objectContaining({ Action, Condition: own }));
    }
  });

  test('may use the key of a domain of the app for the volumes of spaces', () => {
    const stack = stackIn();
    userIn(stack, domainIn(stack, { encryptionKey: new kms.Key(stack, 'Key') }));
    expect(statements(stack, '^AnaRole')).toContainEqual(expect.objectContaining({ Action: 'kms:CreateGrant', Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } } }));
  });

  test('may use a key that is given for an import', () => {
    const stack = stackIn();
    userIn(stack, existingIn(stack), { encryptionKey: new kms.Key(stack, 'Key') });
    expect(statements(stack, '^AnaRole')).toContainEqual(expect.objectContaining({ Action: 'kms:CreateGrant' }));
  });

  test('is a grantee', () => {
    const stack = stackIn();
    const key = new kms.Key(stack, 'Key');
    key.grantDecrypt(userIn(stack, existingIn(stack)));
    expect(statements(stack, '^AnaRole')).toContainEqual(expect.objectContaining({ Action: 'kms:Decrypt' }));
  });

  test('is deleted before the domain, and its spaces before it', () => {
    const stack = stackIn();
    userIn(stack, domainIn(stack), { userProfileName: 'ana' }).addSpace('Lab');
    expect(dependencies(stack, USER)).toContainEqual(expect.stringMatching(/^DomainCleanup/));
    expect(dependencies(stack, CLEANUP, { UserProfileName: 'ana' })).toContainEqual(expect.stringMatching(/^Ana[0-9A-F]{8}$/));
    expect(dependencies(stack, SPACE)).toContainEqual(expect.stringMatching(/^AnaCleanup/));
    expect(dependencies(stack, CLEANUP, { SpaceName: 'Demo-Ana-Lab' })).toContainEqual(expect.stringMatching(/^AnaLab[0-9A-F]{8}$/));
  });

  test('fails when its name is wrong', () => {
    const stack = stackIn();
    expect(() => userIn(stack, existingIn(stack), { userProfileName: 'ana.b' })).toThrow("Demo/Ana: userProfileName must be letters, digits and hyphens, with neither end a hyphen, got 'ana.b'");
  });

  test('fails when another user of the domain has the name', () => {
    const stack = stackIn();
    const domain = existingIn(stack);
    userIn(stack, domain, { userProfileName: 'ana' });
    expect(() => new StudioUser(stack, 'Other', { domain, userProfileName: 'ana' })).toThrow("must be unique in an account and region, got 'ana', which Demo/Ana has");
  });

  test('fails when its role does not trust SageMaker', () => {
    const stack = stackIn();
    userIn(stack, existingIn(stack), { role: new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }) });
    expect(() => Template.fromStack(stack)).toThrow('role must trust sagemaker.amazonaws.com');
  });
});

describe('a space', () => {
  test('is private, of the user, for JupyterLab', () => {
    const stack = stackIn();
    userIn(stack, existingIn(stack), { userProfileName: 'ana' }).addSpace('Lab');
    has(stack, SPACE, {
      DomainId: 'd-existing', SpaceName: 'Demo-Ana-Lab', OwnershipSettings: { OwnerUserProfileName: 'ana' }, SpaceSharingSettings: { SharingType: 'Private' },
      SpaceSettings: { AppType: 'JupyterLab', JupyterLabAppSettings: Match.absent(), SpaceStorageSettings: Match.absent() },
    });
  });

  test('takes an image, which is attached to the domain first', () => {
    const stack = stackIn();
    userIn(stack, existingIn(stack)).addSpace('Lab', { image: imageIn(stack) });
    has(stack, SPACE, { SpaceSettings: { JupyterLabAppSettings: { DefaultResourceSpec: { SageMakerImageVersionArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ImageVersion'), 'ImageVersionArn'] } } } } });
    expect(dependencies(stack, SPACE)).toContainEqual(expect.stringMatching(/^ExistingImage1/));
  });

  test('takes an instance type, a script, a size and a name', () => {
    const stack = stackIn();
    const lifecycleConfig = new StudioLifecycleConfig(stack, 'Start', { script: 'true', appType: StudioAppType.CODE_EDITOR });
    userIn(stack, existingIn(stack)).addSpace('Lab', {
      appType: StudioAppType.CODE_EDITOR, instanceType: EndpointInstanceType.M5_LARGE, volumeSize: Size.gibibytes(20), spaceName: 'lab', lifecycleConfig,
    });
    has(stack, SPACE, {
      SpaceName: 'lab',
      SpaceSettings: {
        AppType: 'CodeEditor', SpaceStorageSettings: { EbsStorageSettings: { EbsVolumeSizeInGb: 20 } },
        CodeEditorAppSettings: { DefaultResourceSpec: { InstanceType: 'ml.m5.large', LifecycleConfigArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Start'), 'StudioLifecycleConfigArn'] } } },
      },
    });
  });

  test.each([Size.gibibytes(4), Size.tebibytes(17), Size.mebibytes(5500)])('fails when its volume is another size', (volumeSize) => {
    const stack = stackIn();
    expect(() => userIn(stack, existingIn(stack)).addSpace('Lab', { volumeSize })).toThrow('GiB of volumeSize must be a whole number from 5 to 16384');
  });

  test('fails when the script is for another application', () => {
    const stack = stackIn();
    const lifecycleConfig = new StudioLifecycleConfig(stack, 'Start', { script: 'true', appType: StudioAppType.CODE_EDITOR });
    expect(() => userIn(stack, existingIn(stack)).addSpace('Lab', { lifecycleConfig })).toThrow('lifecycleConfig must be for JupyterLab, got one for CodeEditor');
  });

  test('fails when the image is for another application', () => {
    const stack = stackIn();
    const image = imageIn(stack, [StudioAppType.CODE_EDITOR]);
    expect(() => userIn(stack, existingIn(stack)).addSpace('Lab', { image })).toThrow('the image must be for JupyterLab, got one for CodeEditor');
  });

  test('fails when its name is wrong', () => {
    const stack = stackIn();
    expect(() => userIn(stack, existingIn(stack)).addSpace('Lab', { spaceName: '-' })).toThrow('spaceName must be letters, digits and hyphens');
  });
});
