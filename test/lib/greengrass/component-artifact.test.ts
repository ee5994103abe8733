import { aws_iam as iam, aws_kms as kms, aws_s3 as s3, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ArtifactAccess, ComponentArtifact, GreengrassComponent, type GreengrassComponentProps } from '../../../lib';
import { modelFile, modelFolder } from '../temp-models';
import { newStack, recipe } from './fixture';

const NAME = 'Stack.App';
let stack: Stack;
beforeEach(() => {
  stack = newStack();
});

function component(props: GreengrassComponentProps): GreengrassComponent {
  return new GreengrassComponent(stack, 'App', props);
}

describe('artifacts', () => {
  const artifact = (source: ComponentArtifact, props: Partial<GreengrassComponentProps> = {}): GreengrassComponent =>
    component({ manifests: [{ lifecycle: { run: { script: 'x' } }, artifacts: [source] }], ...props });
  const rendered = () => recipe(stack, NAME).Manifests[0]?.Artifacts[0];

  test('are copied under component and version before the component is made', () => {
    const { componentVersion } = artifact(ComponentArtifact.fromAsset(modelFile('tool.sh', 'x')));
    const template = Template.fromStack(stack);
    template.hasResourceProperties('Custom::SageMakerEdge-ComponentArtifacts', {
      ComponentName: NAME,
      ComponentVersion: componentVersion,
      Copies: [
        {
          SourceBucket: Match.anyValue(),
          SourceKey: Match.stringLikeRegexp('^[0-9a-f]{64}\\.sh$'),
          Bucket: { Ref: Match.stringLikeRegexp('ArtifactBucket') },
          Key: `${NAME}/${componentVersion}/tool.sh`,
        },
      ],
    });
    template.hasResource('AWS::GreengrassV2::ComponentVersion', { DependsOn: [Match.stringLikeRegexp('AppArtifacts')] });
    expect(rendered()).toMatchObject({
      Uri: expect.stringMatching(new RegExp(`^s3://AppArtifactBucket\\w+/${NAME}/${componentVersion}/tool\\.sh$`)) as string,
      Unarchive: 'NONE',
      Permission: { Read: 'OWNER', Execute: 'NONE' },
    });
  });

  test('name their owner as the version does: the stack by its own part of its id, and the construct', () => {
    artifact(ComponentArtifact.fromAsset(modelFile('tool.sh', 'x')));
    const owner = {
      'Fn::Join': [
        '',
        [{ 'Fn::Select': [2, { 'Fn::Split': ['/', { Ref: 'AWS::StackId' }] }] }, Match.stringLikeRegexp('^/[0-9a-f]{8}$')],
      ],
    };
    Template.fromStack(stack).hasResourceProperties('Custom::SageMakerEdge-ComponentArtifacts', { Owner: owner });
    Template.fromStack(stack).hasResourceProperties('AWS::GreengrassV2::ComponentVersion', {
      Tags: { 'cdk-sagemaker-edge:owner': owner },
    });
  });

  test('a folder is unpacked on the device', () => {
    artifact(
      ComponentArtifact.fromAsset(modelFolder({ 'a.txt': 'x' }), {
        name: 'files',
        readableBy: ArtifactAccess.ALL,
        executableBy: ArtifactAccess.OWNER,
      }),
    );
    expect(rendered()).toMatchObject({
      Uri: expect.stringMatching(/\/files\.zip$/) as string,
      Unarchive: 'ZIP',
      Permission: { Read: 'ALL', Execute: 'OWNER' },
    });
  });

  test('an object is copied from its bucket, in its version', () => {
    const bucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'elsewhere');
    artifact(ComponentArtifact.fromBucket(bucket, 'path/to/tool.zip', { objectVersion: 'v1' }));
    Template.fromStack(stack).hasResourceProperties('Custom::SageMakerEdge-ComponentArtifacts', {
      Copies: [Match.objectLike({ SourceBucket: 'elsewhere', SourceKey: 'path/to/tool.zip', SourceVersion: 'v1' })],
    });
    expect(rendered()?.Unarchive).toBe('ZIP');
  });

  test('fails when a folder holds a symbolic link', () => {
    const folder = modelFolder({ 'sub/a.txt': 'x' });
    fs.symlinkSync('a.txt', path.join(folder, 'sub', 'link'));
    expect(() => artifact(ComponentArtifact.fromAsset(folder, { name: 'files' }))).toThrow(
      /must hold no symbolic link, which the nucleus would unpack as a text file, got .*sub\/link/,
    );
  });

  test('fails when there is no such file', () => {
    expect(() => artifact(ComponentArtifact.fromAsset('/nowhere/x'))).toThrow(
      /an artifact must be a file or a folder, got '\/nowhere\/x'/,
    );
  });

  test('fails when a name is none', () => {
    expect(() => artifact(ComponentArtifact.fromAsset(modelFile('a', 'x'), { name: 'a b' }))).toThrow(
      /name of an artifact must be letters/,
    );
  });

  test('fails when nothing runs and the files are not for all', () => {
    expect(() => component({ manifests: [{ artifacts: [ComponentArtifact.fromAsset(modelFile('a', 'x'))] }] })).toThrow(
      /Permission\.Read must be ALL in a manifest without steps/,
    );
  });

  const handlerStatements = (): { Action: unknown; Resource: unknown }[] | undefined =>
    Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'))
      .map(
        (resource) =>
          (resource as { Properties: { PolicyDocument: { Statement: { Action: unknown; Resource: unknown }[] } } }).Properties
            .PolicyDocument.Statement,
      )
      .find((statements) => JSON.stringify(statements).includes('greengrass:DescribeComponent'));

  test('the handler may do just what this component needs', () => {
    artifact(ComponentArtifact.fromBucket(s3.Bucket.fromBucketName(stack, 'Bucket', 'elsewhere'), 'tool'));
    const policy = handlerStatements();
    expect(policy?.map(({ Action }) => Action)).toEqual([
      ['greengrass:DescribeComponent', 'greengrass:DeleteComponent', 'greengrass:TagResource'],
      's3:PutObject',
      's3:DeleteObject',
      's3:GetObject',
    ]);
    expect(JSON.stringify(policy)).toContain('elsewhere/tool');
    expect(JSON.stringify(policy)).toContain(`:components:${NAME}:versions:*`);
  });

  test('the handler may write each artifact of this version, and nothing else', () => {
    const { componentVersion } = component({
      manifests: [
        {
          artifacts: [ComponentArtifact.fromAsset(modelFile('a.sh', 'x')), ComponentArtifact.fromAsset(modelFile('b.sh', 'x'))],
          lifecycle: { run: { script: 'true' } },
        },
      ],
    });
    const put = handlerStatements()?.find(({ Action }) => Action === 's3:PutObject');
    expect(put?.Resource).toEqual(
      ['a.sh', 'b.sh'].map((name) => ({ 'Fn::Join': ['', [expect.anything(), `/${NAME}/${componentVersion}/${name}`]] })),
    );
  });

  test('the handler may read a given version by the action that S3 asks for then', () => {
    artifact(ComponentArtifact.fromBucket(s3.Bucket.fromBucketName(stack, 'Bucket', 'elsewhere'), 'tool', { objectVersion: 'v1' }));
    expect(
      handlerStatements()
        ?.filter(({ Resource }) => JSON.stringify(Resource).includes('elsewhere/tool'))
        .map(({ Action }) => Action),
    ).toEqual(['s3:GetObjectVersion']);
  });

  test('the key of a given bucket is used', () => {
    const artifactBucket = new s3.Bucket(stack, 'Own', { encryptionKey: new kms.Key(stack, 'Key') });
    artifact(ComponentArtifact.fromAsset(modelFile('a', 'x')), { artifactBucket });
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'kms:GenerateDataKey' })]) },
    });
  });

  test('devices may read all versions, and where the bucket is', () => {
    const role = new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('credentials.iot.amazonaws.com') });
    artifact(ComponentArtifact.fromAsset(modelFile('a', 'x'))).grants.readArtifacts(role);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Action: 's3:GetObject', Resource: { 'Fn::Join': ['', [Match.anyValue(), `/${NAME}/*`]] } }),
          Match.objectLike({ Action: 's3:GetBucketLocation' }),
        ]),
      },
    });
  });
});
