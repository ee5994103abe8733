import { aws_iam as iam, aws_kms as kms, aws_s3 as s3, RemovalPolicy, Tags, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import {
  ExperimentTracking, ExperimentTrackingKind, TrackingServerSize, type ExperimentTrackingProps, type IExperimentTracking,
} from '../../../lib';
import { ACCOUNT, EU, has, stackIn, statements } from './experiments-stack';

const APP_ARN = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:mlflow-app/app-ABC123`;
const SERVER_ARN = `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:mlflow-tracking-server/experiments`;
const SERVER = ExperimentTrackingKind.trackingServer();

const trackingIn = (stack: Stack, props?: ExperimentTrackingProps): ExperimentTracking => new ExperimentTracking(stack, 'Tracking', props);

/** What `grantTrack` allows a role of another service. */
function granted(stack: Stack, tracking: IExperimentTracking): readonly Readonly<Record<string, unknown>>[] {
  const role = new iam.Role(stack, 'Client', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
  tracking.grantTrack(role);
  return statements(stack, '^ClientDefaultPolicy');
}

describe('an MLflow app', () => {
  test('is made where no kind is given, with a name of stack and construct', () => {
    const stack = stackIn();
    trackingIn(stack);
    has(stack, 'AWS::SageMaker::MlflowApp', {
      Name: 'Demo-Tracking', RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^TrackingRole'), 'Arn'] },
      ArtifactStoreUri: { 'Fn::Join': ['', ['s3://', { Ref: Match.stringLikeRegexp('^TrackingArtifacts') }, '/mlflow']] },
    });
    Template.fromStack(stack).resourceCountIs('AWS::SageMaker::MlflowTrackingServer', 0);
  });

  test('has its ARN as tracking URI', () => {
    const stack = stackIn();
    const tracking = trackingIn(stack);
    expect(stack.resolve(tracking.trackingUri)).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Tracking/), 'Arn'] });
  });

  test('is tagged', () => {
    const stack = stackIn();
    Tags.of(trackingIn(stack)).add('team', 'edge');
    has(stack, 'AWS::SageMaker::MlflowApp', { Tags: [{ Key: 'team', Value: 'edge' }] });
  });

  test.each([[true, 'AutoModelRegistrationEnabled'], [false, 'AutoModelRegistrationDisabled']])('registers models in SageMaker\'s registry: %p', (automaticModelRegistration, mode) => {
    const stack = stackIn();
    trackingIn(stack, { automaticModelRegistration });
    has(stack, 'AWS::SageMaker::MlflowApp', { ModelRegistrationMode: mode });
  });

  test('leaves registration to SageMaker where nothing is said of it', () => {
    const stack = stackIn();
    trackingIn(stack);
    has(stack, 'AWS::SageMaker::MlflowApp', { ModelRegistrationMode: Match.absent() });
  });

  test('waits for the rights of its role', () => {
    const stack = stackIn();
    trackingIn(stack);
    Template.fromStack(stack).hasResource('AWS::SageMaker::MlflowApp', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^TrackingRoleDefaultPolicy')]) });
  });
});

describe('a tracking server', () => {
  test('is small by default', () => {
    const stack = stackIn();
    trackingIn(stack, { kind: SERVER });
    has(stack, 'AWS::SageMaker::MlflowTrackingServer', { TrackingServerName: 'Demo-Tracking', TrackingServerSize: 'Small', MlflowVersion: Match.absent() });
    Template.fromStack(stack).resourceCountIs('AWS::SageMaker::MlflowApp', 0);
  });

  test('takes a size, a version, a window and a name', () => {
    const stack = stackIn();
    trackingIn(stack, {
      kind: ExperimentTrackingKind.trackingServer({ size: TrackingServerSize.LARGE, mlflowVersion: '3.0' }), trackingName: 'trials',
      weeklyMaintenanceWindowStart: 'Tue:03:30', automaticModelRegistration: true,
    });
    has(stack, 'AWS::SageMaker::MlflowTrackingServer', {
      TrackingServerName: 'trials', TrackingServerSize: 'Large', MlflowVersion: '3.0', WeeklyMaintenanceWindowStart: 'Tue:03:30', AutomaticModelRegistration: true,
    });
  });

  test('has its ARN as tracking URI', () => {
    const stack = stackIn();
    expect(stack.resolve(trackingIn(stack, { kind: SERVER }).trackingUri)).toEqual({ 'Fn::GetAtt': [expect.stringMatching(/^Tracking/), 'TrackingServerArn'] });
  });

  test.each(['3', 'three', '3.0.0.0'])('fails when its version is %p', (mlflowVersion) => {
    expect(() => ExperimentTrackingKind.trackingServer({ mlflowVersion })).toThrow(`mlflowVersion must be a version like '3.0' or '2.16.2', got '${mlflowVersion}'`);
  });
});

describe('the bucket', () => {
  test('is kept, with its objects', () => {
    const stack = stackIn();
    trackingIn(stack);
    Template.fromStack(stack).hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Retain' });
  });

  test('goes with its objects where that is asked for', () => {
    const stack = stackIn();
    trackingIn(stack, { removalPolicy: RemovalPolicy.DESTROY });
    Template.fromStack(stack).hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
    Template.fromStack(stack).resourceCountIs('Custom::S3AutoDeleteObjects', 1);
  });

  test('is encrypted by the key that is given, which the role may use', () => {
    const stack = stackIn();
    trackingIn(stack, { encryptionKey: new kms.Key(stack, 'Key') });
    has(stack, 'AWS::S3::Bucket', { BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }] } });
    expect(statements(stack)).toContainEqual(expect.objectContaining({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'] }));
  });

  test('can be given, with a prefix', () => {
    const stack = stackIn();
    trackingIn(stack, { artifactBucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'mine'), artifactPrefix: 'a/b' });
    has(stack, 'AWS::SageMaker::MlflowApp', { ArtifactStoreUri: 's3://mine/a/b' });
    Template.fromStack(stack).resourceCountIs('AWS::S3::Bucket', 0);
  });

  test.each([
    ['removalPolicy', () => ({ removalPolicy: RemovalPolicy.DESTROY })], ['encryptionKey', (stack: Stack) => ({ encryptionKey: new kms.Key(stack, 'Key') })],
  ])('fails when %s is given with a bucket', (name, props) => {
    const stack = stackIn();
    const artifactBucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'mine');
    expect(() => trackingIn(stack, { artifactBucket, ...props(stack) })).toThrow(`Demo/Tracking: ${name} is that of a bucket that is made, got it together with artifactBucket`);
  });

  test.each(['/a', 'a/', 'a*', 'a//b'])('fails when its prefix is %p', (artifactPrefix) => {
    expect(() => trackingIn(stackIn(), { artifactPrefix })).toThrow(`artifactPrefix must be path segments of letters, digits and ! _ . ' ( ) -, with a slash between and at neither end, got '${artifactPrefix}'`);
  });
});

describe('the role', () => {
  test('may read and write under the prefix, and no more', () => {
    const stack = stackIn();
    trackingIn(stack, { artifactBucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'mine') });
    const bucket = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::mine']] };
    expect(statements(stack)).toEqual([
      { Effect: 'Allow', Action: 's3:GetBucketLocation', Resource: bucket },
      { Effect: 'Allow', Action: 's3:ListBucket', Resource: bucket, Condition: { StringLike: { 's3:prefix': ['mlflow', 'mlflow/*'] } } },
      {
        Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'],
        Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::mine/mlflow/*']] },
      },
    ]);
  });

  test('may write to the model registry where models are registered there', () => {
    const stack = stackIn({ env: EU });
    trackingIn(stack, { automaticModelRegistration: true });
    expect(statements(stack)).toContainEqual(expect.objectContaining({
      Action: ['sagemaker:AddTags', 'sagemaker:CreateModelPackage', 'sagemaker:UpdateModelPackage'],
      Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:sagemaker:eu-west-1:${ACCOUNT}:model-package/*`]] },
    }));
  });

  test('fails when it does not trust SageMaker', () => {
    const stack = stackIn();
    trackingIn(stack, { role: new iam.Role(stack, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }) });
    expect(() => Template.fromStack(stack)).toThrow('role must trust sagemaker.amazonaws.com, got a role that does not: Demo/Role');
  });
});

describe('grantTrack', () => {
  test('of an app grants its one right, on the app alone, and the artifacts', () => {
    const stack = stackIn();
    const tracking = trackingIn(stack);
    expect(granted(stack, tracking)).toContainEqual(
      { Effect: 'Allow', Action: 'sagemaker:CallMlflowAppApi', Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Tracking/), 'Arn'] } },
    );
  });

  test('lets a client list, read and write under the prefix, and not ask where the bucket is', () => {
    const stack = stackIn();
    const actions = granted(stack, trackingIn(stack)).flatMap(({ Action }) => Action);
    expect(actions).toEqual(['sagemaker:CallMlflowAppApi', 's3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload']);
  });

  test('of a server grants what tracks, and nothing that deletes or is a wildcard', () => {
    const stack = stackIn();
    const tracking = trackingIn(stack, { kind: SERVER });
    const [statement] = granted(stack, tracking).filter(({ Action }) => JSON.stringify(Action).includes('sagemaker-mlflow'));
    expect(statement?.Action).toEqual(expect.arrayContaining(['sagemaker-mlflow:CreateRun', 'sagemaker-mlflow:LogBatch', 'sagemaker-mlflow:GetRun']));
    expect(JSON.stringify(statement)).not.toMatch(/Delete|Restore|\*/);
  });

  test('of an import grants nothing in S3 while its bucket is not known', () => {
    const stack = stackIn();
    expect(granted(stack, ExperimentTracking.fromMlflowAppArn(stack, 'Tracking', APP_ARN))).toEqual(
      [{ Effect: 'Allow', Action: 'sagemaker:CallMlflowAppApi', Resource: APP_ARN }],
    );
  });

  test('of an import grants the whole bucket where no prefix is said', () => {
    const stack = stackIn();
    const artifactBucket = s3.Bucket.fromBucketName(stack, 'Bucket', 'mine');
    granted(stack, ExperimentTracking.fromTrackingServerArn(stack, 'Tracking', SERVER_ARN, { artifactBucket }));
    expect(statements(stack)).toContainEqual(expect.objectContaining({
      Action: ['s3:GetObject', 's3:PutObject', 's3:AbortMultipartUpload'], Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::mine/*']] },
    }));
  });
});

describe('an import', () => {
  test('has the ARN as tracking URI, and its environment', () => {
    const stack = stackIn();
    const tracking = ExperimentTracking.fromTrackingServerArn(stack, 'Tracking', SERVER_ARN);
    expect([tracking.trackingUri, tracking.env]).toEqual([SERVER_ARN, EU]);
  });

  test('fails when the ARN of an app is that of a server', () => {
    expect(() => ExperimentTracking.fromMlflowAppArn(stackIn(), 'Tracking', SERVER_ARN)).toThrow("mlflowAppArn must be an ARN like 'arn:aws:sagemaker:<region>:<account>:mlflow-app/<name>'");
  });

  test('fails when the ARN of a server is that of an app', () => {
    expect(() => ExperimentTracking.fromTrackingServerArn(stackIn(), 'Tracking', APP_ARN)).toThrow("trackingServerArn must be an ARN like 'arn:aws:sagemaker:<region>:<account>:mlflow-tracking-server/<name>'");
  });

  test('fails when its prefix ends with a slash', () => {
    expect(() => ExperimentTracking.fromMlflowAppArn(stackIn(), 'Tracking', APP_ARN, { artifactPrefix: 'a/' })).toThrow('artifactPrefix must be');
  });
});

describe('what is checked', () => {
  test.each(['-a', 'a_b', 'a-'])('fails when the name is %p', (trackingName) => {
    expect(() => trackingIn(stackIn(), { trackingName })).toThrow(`Demo/Tracking: trackingName must be letters, digits and hyphens, with neither end a hyphen, got '${trackingName}'`);
  });

  test('fails when two of a kind have one name', () => {
    const stack = stackIn();
    trackingIn(stack, { trackingName: 'one' });
    expect(() => new ExperimentTracking(stack, 'Other', { trackingName: 'one' })).toThrow("Demo/Other: the name of a SageMaker MLflow app must be unique in an account and region, got 'one', which Demo/Tracking has");
  });

  test.each(['Tue', 'Tue:24:00', 'tue:03:30'])('fails when the window is %p', (weeklyMaintenanceWindowStart) => {
    expect(() => trackingIn(stackIn(), { weeklyMaintenanceWindowStart })).toThrow("weeklyMaintenanceWindowStart must be a day and a time in UTC like 'Tue:03:30'");
  });
});
