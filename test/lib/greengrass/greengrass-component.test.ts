import { aws_iam as iam, aws_kms as kms, aws_s3 as s3, CfnParameter, Duration, Fn, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as fs from 'node:fs';
import * as path from 'node:path';
import {
  ArtifactAccess, ComponentArchitecture, ComponentArtifact, ComponentPlatform, DependencyType, GreengrassComponent, SkipCondition, type GreengrassComponentProps,
} from '../../../lib';
import { modelFile, modelFolder } from '../temp-models';
import { newStack, recipe } from './fixture';

const NAME = 'Stack.App';
let stack: Stack;
beforeEach(() => { stack = newStack(); });

function component(props: Partial<GreengrassComponentProps> = {}, id = 'App'): GreengrassComponent {
  return new GreengrassComponent(stack, id, { manifests: [{ lifecycle: { run: { script: 'true' } } }], ...props });
}

describe('a Greengrass component', () => {
  test('writes what both nuclei read', () => {
    component({
      description: 'd', publisher: 'me', configuration: { port: 80, on: true, deep: { list: [1.5] } },
      manifests: [{
        platform: ComponentPlatform.linux(ComponentArchitecture.AARCH64),
        lifecycle: {
          environment: { A: 'b' }, startup: { script: 'x', timeout: Duration.minutes(2), requiresPrivilege: true, environment: { C: 'd' }, skipIf: SkipCondition.onPath('node') },
          install: { script: 'y', skipIf: SkipCondition.fileExists('/etc/z') },
        },
      }],
    });
    expect(recipe(stack, NAME)).toMatchObject({
      RecipeFormatVersion: '2020-01-25', ComponentDescription: 'd', ComponentPublisher: 'me',
      ComponentConfiguration: { DefaultConfiguration: { port: '80', on: true, deep: { list: ['1.5'] } } },
      Manifests: [{
        Platform: { os: 'linux', architecture: 'aarch64', runtime: '*' },
        Lifecycle: { Setenv: { A: 'b' }, startup: { Script: 'x', Timeout: 120, RequiresPrivilege: true, Setenv: { C: 'd' }, Skipif: 'onpath node' }, install: { Script: 'y', Skipif: 'exists /etc/z' } },
      }],
    });
  });

  test('is for any device by default', () => {
    component();
    expect(recipe(stack, NAME).Manifests[0]?.Platform).toEqual({ os: '*', runtime: '*' });
  });

  test('fails when a lifecycle has a step that nobody knows', () => {
    const misspelt = { ...{ shutdwn: { script: 'x' } }, run: { script: 'y' } };
    expect(() => component({ manifests: [{ lifecycle: misspelt }] })).toThrow(/got 'shutdwn'/);
  });

  test('fails when a step has a property that nobody knows', () => {
    const misspelt = { ...{ timeOut: Duration.seconds(1) }, script: 'y' };
    expect(() => component({ manifests: [{ lifecycle: { install: misspelt } }] })).toThrow(/'Timeout' of .*install must be spelled so.*got 'timeOut'/);
  });

  describe('name and version', () => {
    test('the default name is made of stack and path, and the given one is used', () => {
      expect([component().componentName, component({ componentName: 'com.example.x' }, 'Other').componentName]).toEqual([NAME, 'com.example.x']);
    });

    test('fails when the name is AWS\'s', () => {
      expect(() => component({ componentName: 'aws.greengrass.Mine' })).toThrow(/componentName must be letters.*got 'aws\.greengrass\.Mine'/);
    });

    test('the default version follows the content, and the given one is used', () => {
      const versionOf = (script: string): string => { stack = newStack(); return component({ manifests: [{ lifecycle: { run: { script } } }] }).componentVersion; };
      expect(versionOf('a')).toMatch(/^1\.0\.\d+$/);
      expect(versionOf('a')).toBe(versionOf('a'));
      expect(versionOf('a')).not.toBe(versionOf('b'));
      expect(component({ componentVersion: '2.3.4' }, 'Given').componentVersion).toBe('2.3.4');
    });

    test('the version follows the content of artefacts and the name of a bucket too', () => {
      const versionOf = (content: string, bucketName: string): string => {
        stack = newStack();
        return component({ artifactBucket: new s3.Bucket(stack, 'Bucket', { bucketName }), manifests: [{ lifecycle: { run: { script: 'x' } }, artifacts: [ComponentArtifact.fromAsset(modelFile('tool', content))] }] }).componentVersion;
      };
      expect(new Set([versionOf('a', 'one'), versionOf('b', 'one'), versionOf('a', 'two')]).size).toBe(3);
      expect(versionOf('a', 'one')).toBe(versionOf('a', 'one'));
    });

    test('fails when a version has two parts', () => {
      expect(() => component({ componentVersion: '1.0' })).toThrow(/ComponentVersion must have 5 to 64 characters, got 3: '1\.0'/);
    });

    test('an import has name, version and ARN', () => {
      const imported = GreengrassComponent.fromComponentVersion(stack, 'Nucleus', 'aws.greengrass.Nucleus', '2.18.2');
      expect(stack.resolve(imported.componentVersionArn)).toEqual({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':greengrass:eu-west-1:111111111111:components:aws.greengrass.Nucleus:versions:2.18.2']] });
      expect([imported.componentName, imported.componentVersion, imported.componentVersionRef.componentVersionArn]).toEqual(['aws.greengrass.Nucleus', '2.18.2', imported.componentVersionArn]);
    });

    test('fails when an imported version has two parts', () => {
      expect(() => GreengrassComponent.fromComponentVersion(stack, 'X', 'x', '1.0')).toThrow(/three parts|5 to 64/);
    });
  });

  describe('size', () => {
    test('fails when the recipe is longer than the service takes', () => {
      expect(() => component({ description: 'ä'.repeat(8000) })).toThrow(/a recipe must have at most 16000 bytes \(tokens counted at their longest\), got 16\d\d\d: move scripts and data into artifacts/);
    });

    test.each([
      ['an import', () => Fn.importValue('x'), 15_500], ['a parameter', () => new CfnParameter(stack, 'P').valueAsString, 15_500],
    ])('counts %s at its longest', (_, token, literal) => {
      expect(() => component({ description: `${token()}${'x'.repeat(literal)}` }, 'Long')).toThrow(/got 16\d\d\d/);
    });

    test('counts the name of a bucket as what it can be', () => {
      const bucket = new s3.Bucket(stack, 'Other');
      expect(() => component({ description: `${bucket.bucketName}${'x'.repeat(15_500)}` })).not.toThrow();
    });
  });

  describe('dependencies', () => {
    test('are pinned exactly, hard by default', () => {
      const base = component({ componentVersion: '1.2.3' }, 'Base');
      const other = component({ componentVersion: '2.0.0' }, 'Soft');
      const app = component({ dependencies: [{ component: base }, { component: other, dependencyType: DependencyType.SOFT }] });
      expect(recipe(stack, NAME).ComponentDependencies).toEqual({
        'Stack.Base': { VersionRequirement: '=1.2.3', DependencyType: 'HARD' }, 'Stack.Soft': { VersionRequirement: '=2.0.0', DependencyType: 'SOFT' },
      });
      expect(app.dependencies).toEqual([base, other]);
    });
  });

  describe('artefacts', () => {
    const artifact = (source: ComponentArtifact, props: Partial<GreengrassComponentProps> = {}): GreengrassComponent => component({ manifests: [{ lifecycle: { run: { script: 'x' } }, artifacts: [source] }], ...props });
    const rendered = () => recipe(stack, NAME).Manifests[0]?.Artifacts[0];

    test('are copied under component and version before the component is made', () => {
      const { componentVersion } = artifact(ComponentArtifact.fromAsset(modelFile('tool.sh', 'x')));
      const template = Template.fromStack(stack);
      template.hasResourceProperties('Custom::SageMakerEdge-ComponentArtifacts', {
        ComponentName: NAME, ComponentVersion: componentVersion,
        Copies: [{ SourceBucket: Match.anyValue(), SourceKey: Match.stringLikeRegexp('^[0-9a-f]{64}\\.sh$'), Bucket: { Ref: Match.stringLikeRegexp('ArtifactBucket') }, Key: `${NAME}/${componentVersion}/tool.sh` }],
      });
      template.hasResource('AWS::GreengrassV2::ComponentVersion', { DependsOn: [Match.stringLikeRegexp('AppArtifacts')] });
      expect(rendered()).toMatchObject({ Uri: expect.stringMatching(new RegExp(`^s3://AppArtifactBucket\\w+/${NAME}/${componentVersion}/tool\\.sh$`)) as string, Unarchive: 'NONE', Permission: { Read: 'OWNER', Execute: 'NONE' } });
    });

    test('name their owner as the version does: the stack by its own part of its id, and the construct', () => {
      artifact(ComponentArtifact.fromAsset(modelFile('tool.sh', 'x')));
      const owner = { 'Fn::Join': ['', [{ 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }, Match.stringLikeRegexp('^/[0-9a-f]{8}$')]] };
      Template.fromStack(stack).hasResourceProperties('Custom::SageMakerEdge-ComponentArtifacts', { Owner: owner });
      Template.fromStack(stack).hasResourceProperties('AWS::GreengrassV2::ComponentVersion', { Tags: { 'cdk-sagemaker-edge:owner': owner } });
    });

    test('a folder is unpacked on the device', () => {
      artifact(ComponentArtifact.fromAsset(modelFolder({ 'a.txt': 'x' }), { name: 'files', readableBy: ArtifactAccess.ALL, executableBy: ArtifactAccess.OWNER }));
      expect(rendered()).toMatchObject({ Uri: expect.stringMatching(/\/files\.zip$/) as string, Unarchive: 'ZIP', Permission: { Read: 'ALL', Execute: 'OWNER' } });
    });

    test('an object is copied from its bucket, in its version', () => {
      const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'elsewhere');
      artifact(ComponentArtifact.fromBucket(bucket, 'path/to/tool.zip', { objectVersion: 'v1' }));
      Template.fromStack(stack).hasResourceProperties('Custom::SageMakerEdge-ComponentArtifacts', { Copies: [Match.objectLike({ SourceBucket: 'elsewhere', SourceKey: 'path/to/tool.zip', SourceVersion: 'v1' })] });
      expect(rendered()?.Unarchive).toBe('ZIP');
    });

    test('fails when a folder holds a symbolic link', () => {
      const folder = modelFolder({ 'sub/a.txt': 'x' });
      fs.symlinkSync('a.txt', path.join(folder, 'sub', 'link'));
      expect(() => artifact(ComponentArtifact.fromAsset(folder, { name: 'files' }))).toThrow(/must hold no symbolic link, which the nucleus would unpack as a text file, got .*sub\/link/);
    });

    test('fails when there is no such file', () => {
      expect(() => artifact(ComponentArtifact.fromAsset('/nowhere/x'))).toThrow(/an artifact must be a file or a folder, got '\/nowhere\/x'/);
    });

    test('fails when a name is none', () => {
      expect(() => artifact(ComponentArtifact.fromAsset(modelFile('a', 'x'), { name: 'a b' }))).toThrow(/name of an artifact must be letters/);
    });

    test('fails when nothing runs and the files are not for all', () => {
      expect(() => component({ manifests: [{ artifacts: [ComponentArtifact.fromAsset(modelFile('a', 'x'))] }] })).toThrow(/Permission\.Read must be ALL in a manifest without steps/);
    });

    const handlerStatements = (): { Action: unknown; Resource: unknown }[] | undefined =>
      Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')).map((resource) => (resource as { Properties: { PolicyDocument: { Statement: { Action: unknown; Resource: unknown }[] } } }).Properties.PolicyDocument.Statement)
        .find((statements) => JSON.stringify(statements).includes('greengrass:DescribeComponent'));

    test('the handler may do just what this component needs', () => {
      artifact(ComponentArtifact.fromBucket(s3.Bucket.fromBucketName(stack, 'Bucket', 'elsewhere'), 'tool'));
      const policy = handlerStatements();
      expect(policy?.map(({ Action }) => Action)).toEqual([['greengrass:DescribeComponent', 'greengrass:DeleteComponent', 'greengrass:TagResource'], 's3:PutObject', 's3:DeleteObject', 's3:GetObject']);
      expect(JSON.stringify(policy)).toContain('elsewhere/tool');
      expect(JSON.stringify(policy)).toContain(`:components:${NAME}:versions:*`);
    });

    test('the handler may write each artefact of this version, and nothing else', () => {
      const { componentVersion } = component({ manifests: [{ artifacts: [ComponentArtifact.fromAsset(modelFile('a.sh', 'x')), ComponentArtifact.fromAsset(modelFile('b.sh', 'x'))], lifecycle: { run: { script: 'true' } } }] });
      const put = handlerStatements()?.find(({ Action }) => Action === 's3:PutObject');
      expect(put?.Resource).toEqual(['a.sh', 'b.sh'].map((name) => ({ 'Fn::Join': ['', [expect.anything(), `/${NAME}/${componentVersion}/${name}`]] })));
    });

    test('the handler may read a given version by the action that S3 asks for then', () => {
      artifact(ComponentArtifact.fromBucket(s3.Bucket.fromBucketName(stack, 'Bucket', 'elsewhere'), 'tool', { objectVersion: 'v1' }));
      expect(handlerStatements()?.filter(({ Resource }) => JSON.stringify(Resource).includes('elsewhere/tool')).map(({ Action }) => Action)).toEqual(['s3:GetObjectVersion']);
    });

    test('the key of a given bucket is used', () => {
      const artifactBucket = new s3.Bucket(stack, 'Own', { encryptionKey: new kms.Key(stack, 'Key') });
      artifact(ComponentArtifact.fromAsset(modelFile('a', 'x')), { artifactBucket });
      Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'kms:GenerateDataKey' })]) } });
    });

    test('devices may read all versions, and where the bucket is', () => {
      const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('credentials.iot.amazonaws.com') });
      artifact(ComponentArtifact.fromAsset(modelFile('a', 'x'))).grants.readArtifacts(role);
      Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { PolicyDocument: { Statement: Match.arrayWith([
        Match.objectLike({ Action: 's3:GetObject', Resource: { 'Fn::Join': ['', [Match.anyValue(), `/${NAME}/*`]] } }), Match.objectLike({ Action: 's3:GetBucketLocation' }),
      ]) } });
    });
  });

  describe('removal', () => {
    test('by default a version and its bucket stay, but not after a failed creation', () => {
      component();
      const template = Template.fromStack(stack);
      template.hasResource('AWS::GreengrassV2::ComponentVersion', { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' });
      template.hasResource('AWS::S3::Bucket', {
        DeletionPolicy: 'Retain',
        Properties: { VersioningConfiguration: { Status: 'Enabled' }, PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true }, BucketEncryption: Match.anyValue() },
      });
    });

    test('both go where that is asked for', () => {
      component({ removalPolicy: RemovalPolicy.DESTROY });
      const template = Template.fromStack(stack);
      template.hasResource('AWS::GreengrassV2::ComponentVersion', { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' });
      template.hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
      template.resourceCountIs('Custom::S3AutoDeleteObjects', 1);
    });

    test('a given bucket is used', () => {
      component({ artifactBucket: s3.Bucket.fromBucketName(stack, 'Own', 'own') });
      Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 0);
    });
  });

  test('fails when the bucket has a dot in its name', () => {
    expect(() => component({ artifactBucket: s3.Bucket.fromBucketName(stack, 'Own', 'my.models') })).toThrow(/name of artifactBucket must be a name without dots, got 'my\.models'/);
  });

  test('fails when the bucket is in another region', () => {
    const artifactBucket = s3.Bucket.fromBucketAttributes(stack, 'Own', { bucketName: 'own', region: 'us-east-1' });
    expect(() => component({ artifactBucket })).toThrow(/artifactBucket must be in the region of the component, eu-west-1, got us-east-1/);
  });

  test('one provider serves a stack', () => {
    component();
    component({}, 'Second');
    expect(Object.keys(Template.fromStack(stack).findResources('AWS::StepFunctions::StateMachine'))).toHaveLength(1);
  });
});
