import { App, aws_codecommit as codecommit, aws_iam as iam, aws_kms as kms, aws_s3 as s3, aws_secretsmanager as secretsmanager, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DvcStore, GitRepository, type DvcStoreProps } from '../../../lib';

const ENV = { account: '111122223333', region: 'eu-west-1' };
const stackOf = (): Stack => new Stack(new App(), 'Stack', { env: ENV });

function codeCommit(stack: Stack): GitRepository {
  return GitRepository.fromCodeCommit(new codecommit.Repository(stack, 'Repository', { repositoryName: 'data' }));
}

function store(props: Partial<DvcStoreProps> = {}): { stack: Stack; dvc: DvcStore; role: iam.Role } {
  const stack = stackOf();
  const dvc = new DvcStore(stack, 'Store', { repository: codeCommit(stack), ...props });
  return { stack, dvc, role: new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }) };
}

function statements(stack: Stack): Record<string, unknown>[] {
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  return policies.flatMap(({ Properties: properties }) => (
    (properties as { PolicyDocument: { Statement: Record<string, unknown>[] } }).PolicyDocument.Statement
  ));
}

const bucketArn = { 'Fn::GetAtt': [Match.stringLikeRegexp('^StoreData'), 'Arn'] };

describe('the bucket of a DVC store', () => {
  test('is private, encrypted, by TLS alone, and kept', () => {
    const template = Template.fromStack(store().stack);
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true,
        },
        BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      },
    });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: { Statement: [Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })] },
    });
  });

  test('goes with its data where it is told to', () => {
    Template.fromStack(store({ removalPolicy: RemovalPolicy.DESTROY }).stack).hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
  });

  test('is encrypted with a key that is given', () => {
    const stack = stackOf();
    new DvcStore(stack, 'Store', { repository: codeCommit(stack), encryptionKey: new kms.Key(stack, 'Key') });
    Template.fromStack(stack).hasResourceProperties('AWS::S3::Bucket', {
      BucketEncryption: { ServerSideEncryptionConfiguration: [{ BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }] },
    });
  });

  test('can be one that is given', () => {
    const stack = stackOf();
    const dvc = new DvcStore(stack, 'Store', { repository: codeCommit(stack), bucket: s3.Bucket.fromBucketName(stack, 'Mine', 'mine'), prefix: 'team/data' });
    expect(dvc.remoteUrl).toBe('s3://mine/team/data');
    Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 0);
  });

  test.each([
    ['encryptionKey', (stack: Stack) => ({ encryptionKey: new kms.Key(stack, 'Key') })],
    ['removalPolicy', () => ({ removalPolicy: RemovalPolicy.DESTROY })],
  ])('fails when %s is given for a bucket that is given', (name, more) => {
    const stack = stackOf();
    expect(() => new DvcStore(stack, 'Store', {
      repository: codeCommit(stack), bucket: s3.Bucket.fromBucketName(stack, 'Mine', 'mine'), ...more(stack),
    })).toThrow(`Stack/Store: ${name} is that of a bucket that is made, got it together with bucket: leave out one of them`);
  });
});

describe('who pulls', () => {
  test('reads under the prefix, lists it, and clones the repository', () => {
    const { stack, dvc, role } = store();
    dvc.grantPull(role);
    expect(statements(stack)).toEqual([
      { Action: 's3:GetObject', Effect: 'Allow', Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringMatching(/^StoreData/), 'Arn'] }, '/dvc/*']] } },
      {
        Action: 's3:ListBucket', Effect: 'Allow', Resource: { 'Fn::GetAtt': [expect.stringMatching(/^StoreData/), 'Arn'] },
        Condition: { StringLike: { 's3:prefix': ['dvc', 'dvc/*'] } },
      },
      { Action: 'codecommit:GitPull', Effect: 'Allow', Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Repository/), 'Arn'] } },
    ]);
  });

  test('may decrypt with the key of the bucket', () => {
    const stack = stackOf();
    const dvc = new DvcStore(stack, 'Store', { repository: codeCommit(stack), encryptionKey: new kms.Key(stack, 'Key') });
    dvc.grantPull(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
    expect(statements(stack)).toContainEqual(expect.objectContaining({ Action: 'kms:Decrypt' }));
  });

  test('may encrypt with it where it pushes', () => {
    const stack = stackOf();
    const dvc = new DvcStore(stack, 'Store', { repository: codeCommit(stack), encryptionKey: new kms.Key(stack, 'Key') });
    dvc.grantPush(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
    expect(statements(stack)).toContainEqual(expect.objectContaining({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'] }));
  });

  test('needs nothing for a public repository but the data', () => {
    const { stack, dvc, role } = store({ repository: GitRepository.fromUrl('https://git.example.com/data.git') });
    dvc.grantPull(role);
    expect(statements(stack).map(({ Action: action }) => action)).toEqual(['s3:GetObject', 's3:ListBucket']);
  });
});

describe('who pushes', () => {
  test('may add data and commits as well, and delete nothing', () => {
    const { stack, dvc, role } = store();
    dvc.grantPush(role);
    expect(statements(stack).flatMap(({ Action: action }) => action)).toEqual([
      's3:PutObject', 's3:AbortMultipartUpload', 's3:GetObject', 's3:ListBucket', 'codecommit:GitPull', 'codecommit:GitPush',
    ]);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: ['s3:PutObject', 's3:AbortMultipartUpload'], Resource: { 'Fn::Join': ['', [bucketArn, '/dvc/*']] } })]) },
    });
  });

  test('reads the secret of a repository by URL, and no other', () => {
    const stack = stackOf();
    const credentials = new secretsmanager.Secret(stack, 'Token');
    const dvc = new DvcStore(stack, 'Store', { repository: GitRepository.fromUrl('https://git.example.com/data.git', { credentials }) });
    dvc.grantPush(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
    expect(statements(stack)).toContainEqual({
      Action: 'secretsmanager:GetSecretValue', Effect: 'Allow', Resource: { Ref: expect.stringMatching(/^Token/) as string },
    });
  });

  test('reads a secret whose suffix is not known', () => {
    const stack = stackOf();
    const credentials = secretsmanager.Secret.fromSecretNameV2(stack, 'Token', 'token');
    const dvc = new DvcStore(stack, 'Store', { repository: GitRepository.fromUrl('https://git.example.com/data.git', { credentials }) });
    dvc.grantPull(new iam.Role(stack, 'Role', { assumedBy: new iam.AccountRootPrincipal() }));
    expect(JSON.stringify(statements(stack))).toContain(':secret:token-??????');
  });

  test('fails when the repository has no credentials', () => {
    const { dvc, role } = store({ repository: GitRepository.fromUrl('https://git.example.com/data.git') });
    expect(() => dvc.grantPush(role)).toThrow('Stack/Store: the repository must have credentials to be pushed to, got a URL without them');
  });
});

describe('a DVC store', () => {
  test('says what to paste', () => {
    const { stack, dvc } = store();
    const bucket = { Ref: expect.stringMatching(/^StoreData/) as string };
    const name = { 'Fn::GetAtt': [expect.stringMatching(/^Repository/), 'Name'] };
    expect(stack.resolve(dvc.setupCommands())).toEqual([
      'pip install git-remote-codecommit',
      { 'Fn::Join': ['', ['git clone codecommit::eu-west-1://', name, ' data && cd data']] },
      '[ -d .dvc ] || dvc init',
      { 'Fn::Join': ['', ['dvc remote add --force --default storage s3://', bucket, '/dvc']] },
      'dvc remote modify storage region eu-west-1',
    ]);
  });

  test('fails when the prefix begins with a slash', () => {
    expect(() => store({ prefix: '/dvc' })).toThrow("prefix must be path segments of letters, digits and ! _ . ' ( ) -, with a slash between and at neither end, got '/dvc'");
  });

  test('fails when the prefix holds a wildcard', () => {
    expect(() => store({ prefix: 'dvc*' })).toThrow("got 'dvc*'");
  });

  test('fails when the name of the remote is not one for DVC', () => {
    expect(() => store({ remoteName: 'my remote' })).toThrow("remoteName must be letters, digits, _ and -, got 'my remote'");
  });
});

describe('a repository by URL', () => {
  test.each(['git@git.example.com:data.git', 'http://git.example.com/data.git', 'https://me:secret@git.example.com/data.git'])('fails when it is %s', (url) => {
    expect(() => GitRepository.fromUrl(url)).toThrow("URL of a git repository must be a URL like 'https://git.example.com/team/data.git', without a user's name in it");
  });

  test('fails when its secret is in another region', () => {
    const stack = stackOf();
    const credentials = secretsmanager.Secret.fromSecretCompleteArn(stack, 'Token', 'arn:aws:secretsmanager:us-east-1:111122223333:secret:token-abcdef');
    expect(() => new DvcStore(stack, 'Store', { repository: GitRepository.fromUrl('https://git.example.com/data.git', { credentials }) }))
      .toThrow('credentials of a git repository must be in the region of the stack, eu-west-1, got us-east-1');
  });
});
