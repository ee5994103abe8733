import { App, aws_iam as iam, aws_kms as kms, aws_s3 as s3, CfnOutput, Duration, Lazy, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import {
  CompilationJob, CompilationTarget, Framework, ModelInput, ModelRuntime, ModelSource, TargetArch, TargetDevice, TargetOs,
  type CompilationJobProps,
} from '../../../lib';

const ENV = { account: '111122223333', region: 'eu-west-1' };
const JOB = 'Custom::SageMakerEdge-CompilationJob';
const framework = Framework.onnx({ inputs: [ModelInput.tensor('x', [1, 3, 48, 320])] });
const target = CompilationTarget.platform({ os: TargetOs.LINUX, arch: TargetArch.X86_64 });

let stack: Stack;
let source: s3.IBucket;
beforeEach(() => {
  stack = new Stack(new App(), 'Demo', { env: ENV });
  source = s3.Bucket.fromBucketName(stack, 'Source', 'models');
});

function compile(props: Partial<CompilationJobProps> = {}, id = 'Compile'): CompilationJob {
  return new CompilationJob(stack, id, { model: ModelSource.fromBucket(source, 'a.tar.gz'), framework, target, ...props });
}
const template = () => Template.fromStack(stack);
const expectJob = (properties: object) => {
  template().hasResourceProperties(JOB, properties);
};

test('the job gets source, framework, target, and an output place in the bucket that is made', () => {
  compile();
  expectJob({
    NamePrefix: Match.stringLikeRegexp('^demo-[0-9a-f]{8}$'),
    RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^CompileRole'), 'Arn'] },
    MaxRuntimeInSeconds: '900',
    Input: { S3Uri: 's3://models/a.tar.gz', Framework: 'ONNX', DataInputConfig: '{"x":[1,3,48,320]}' },
    Output: {
      S3BaseUri: { 'Fn::Join': ['', ['s3://', { Ref: Match.stringLikeRegexp('^CompileOutputBucket') }, '/compiled']] },
      TargetPlatform: { Os: 'LINUX', Arch: 'X86_64' },
    },
    Tags: Match.absent(),
    VpcConfig: Match.absent(),
  });
});

test('a device, compiler options and a framework version are handed on', () => {
  compile({
    target: CompilationTarget.device(TargetDevice.JETSON_XAVIER),
    framework: Framework.tensorflow({ inputs: [ModelInput.tensor('x', [1, 8, 8, 3])], frameworkVersion: '2.4' }),
  });
  expectJob({ Input: Match.objectLike({ FrameworkVersion: '2.4' }), Output: Match.objectLike({ TargetDevice: 'jetson_xavier' }) });
});

test('the version of the object is part of the inputs', () => {
  compile({ model: ModelSource.fromBucket(source, 'a.tar.gz', { objectVersion: 'v7' }) });
  expectJob({ ModelFingerprint: 'v7' });
});

describe('output bucket', () => {
  test('the default is private, encrypted, TLS only, and retained', () => {
    compile();
    template().hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        BucketEncryption: { ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }] },
      },
    });
    template().hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } })]),
      },
    });
  });

  test('with DESTROY it is emptied and deleted with the stack', () => {
    compile({ removalPolicy: RemovalPolicy.DESTROY });
    template().hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
    template().resourceCountIs('Custom::S3AutoDeleteObjects', 1);
  });

  test('a given one is used', () => {
    const bucket = s3.Bucket.fromBucketName(stack, 'Given', 'given');
    const job = compile({ outputBucket: bucket, outputPrefix: 'a/b' });
    expect(job.modelArtifactBucket).toBe(bucket);
    expectJob({ Output: Match.objectLike({ S3BaseUri: 's3://given/a/b' }) });
    template().resourceCountIs('AWS::S3::Bucket', 0);
  });

  test('fails when a given one has a removalPolicy', () => {
    expect(() => compile({ outputBucket: source, removalPolicy: RemovalPolicy.DESTROY })).toThrow(
      /Demo\/Compile: removalPolicy is for the bucket that is made by default, got 'destroy'/,
    );
  });

  test('fails when a given one is in another region', () => {
    const bucket = s3.Bucket.fromBucketAttributes(stack, 'Far', { bucketName: 'far', region: 'eu-west-3' });
    expect(() => compile({ outputBucket: bucket })).toThrow('outputBucket must be in the region of the job, eu-west-1, got eu-west-3');
  });

  test.each(['/a', 'a/', 'a*', '${aws:userid}', ''])('fails when the prefix is %p', (outputPrefix) => {
    expect(() => compile({ outputPrefix })).toThrow(/outputPrefix must/);
  });
});

describe('maxRuntime', () => {
  test('a given one is used', () => {
    compile({ maxRuntime: Duration.minutes(45) });
    expectJob({ MaxRuntimeInSeconds: '2700' });
  });

  test('a token is handed on', () => {
    compile({ maxRuntime: Duration.seconds(Lazy.number({ produce: () => 61 })) });
    expectJob({ MaxRuntimeInSeconds: Match.anyValue() });
  });

  test.each([
    Duration.seconds(0), Duration.minutes(46), Duration.millis(1500),
  ])('fails when it does not fit the provider\'s hour: %s', (maxRuntime) => {
    expect(() => compile({ maxRuntime })).toThrow(`maxRuntime in seconds must be a whole number from 1 to 2700, got ${maxRuntime.toSeconds({ integral: false })}`);
  });
});

describe('attributes', () => {
  test('they are what the service says', () => {
    const job = compile();
    const values = {
      name: job.compilationJobName,
      arn: job.compilationJobArn,
      uri: job.modelArtifactUri,
      digest: job.modelArtifactDigest ?? '',
    };
    for (const [id, value] of Object.entries(values)) {
      new CfnOutput(stack, id, { value });
    }
    const attribute = (name: string) => ({ Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Compile'), name] } });
    template().hasOutput('name', attribute('JobName'));
    template().hasOutput('arn', attribute('JobArn'));
    template().hasOutput('uri', attribute('S3ModelArtifacts'));
    template().hasOutput('digest', attribute('ArtifactDigest'));
  });

  test('the runtime is known from the manifest alone', () => {
    expect(compile().runtime).toBe(ModelRuntime.FROM_MANIFEST);
  });
});

describe('tags', () => {
  test('are the same in whatever order they come', () => {
    compile({ tags: { b: '2', a: '1' } });
    expectJob({ Tags: [{ Key: 'a', Value: '1' }, { Key: 'b', Value: '2' }] });
  });

  test('given ones are handed on', () => {
    compile({ tags: { team: 'edge', empty: '' } });
    expectJob({ Tags: [{ Key: 'empty', Value: '' }, { Key: 'team', Value: 'edge' }] });
  });

  test('of a scope are the job\'s, too, and change or remove its own as they do elsewhere', () => {
    compile({ tags: { team: 'edge', cost: '1', old: 'x' } });
    Tags.of(stack).add('stage', 'prod');
    Tags.of(stack).add('cost', '2', { priority: 300 });
    Tags.of(stack).remove('old', { priority: 300 });
    Tags.of(stack).add('bucket', 'y', { includeResourceTypes: ['AWS::S3::Bucket'] });
    expectJob({ Tags: [{ Key: 'cost', Value: '2' }, { Key: 'stage', Value: 'prod' }, { Key: 'team', Value: 'edge' }] });
  });

  test('fail at synth when those of a scope are not tags of SageMaker', () => {
    compile();
    Tags.of(stack).add('a#', 'y');
    expect(template).toThrow(/key of a tag must be letters, digits.*got 'a#'/);
  });

  test('may be set and taken away by the handler at any time: the rights are there for the jobs of the stack', () => {
    compile();
    template().hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith([
          'sagemaker:DescribeCompilationJob', 'sagemaker:AddTags', 'sagemaker:DeleteTags',
        ]) })]),
      },
    });
  });

  test.each([
    [{ 'aws:x': 'y' }, "key of a tag must not begin with 'aws:', got 'aws:x'"],
    [{ 'a#': 'y' }, /key of a tag must be letters, digits.*got 'a#'/],
    [{ a: 'x'.repeat(257) }, /value of tag 'a' must have 0 to 256 characters, got 257/],
    [Object.fromEntries(Array.from({ length: 51 }, (_, i) => [`k${i}`, 'v'])), 'tags must be at most 50, got 51'],
  ])('fails when they are not tags: %#', (tags, message) => {
    expect(() => compile({ tags })).toThrow(message);
  });
});

describe('imports', () => {
  test('by attributes', () => {
    const job = CompilationJob.fromCompilationJobAttributes(stack, 'Imported', {
      compilationJobName: 'made-elsewhere', modelArtifactUri: 's3://models/out/model.tar.gz', modelArtifactBucket: source,
      runtime: ModelRuntime.DLR,
    });
    expect(stack.resolve(job.compilationJobArn)).toEqual({
      'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':sagemaker:eu-west-1:111122223333:compilation-job/made-elsewhere']],
    });
    expect(job.runtime).toBe(ModelRuntime.DLR);
    expect(job.modelArtifactDigest).toBeUndefined();
  });

  test('the runtime of an import is known from the manifest by default', () => {
    const job = CompilationJob.fromCompilationJobAttributes(stack, 'Imported', {
      compilationJobName: 'x',
      modelArtifactUri: 's3://models/m.tar.gz',
      modelArtifactBucket: source,
    });
    expect(job.runtime).toBe(ModelRuntime.FROM_MANIFEST);
  });

  test.each([
    [{ compilationJobName: 'a_b' }, /compilationJobName must be letters, digits and hyphens.*got 'a_b'/],
    [{ modelArtifactUri: 'https://x/y' }, /modelArtifactUri must be a place like 's3:\/\/bucket\/key', got 'https:\/\/x\/y'/],
  ])('fails when an attribute is wrong: %#', (wrong, message) => {
    const attrs = { compilationJobName: 'x', modelArtifactUri: 's3://models/m.tar.gz', modelArtifactBucket: source };
    expect(() => CompilationJob.fromCompilationJobAttributes(stack, 'Imported', { ...attrs, ...wrong })).toThrow(message);
  });

  test('reading an import\'s artifact is reading its one object', () => {
    const job = CompilationJob.fromCompilationJobAttributes(stack, 'Imported', {
      compilationJobName: 'x',
      modelArtifactUri: 's3://models/out/m.tar.gz',
      modelArtifactBucket: source,
    });
    job.grants.readArtifact(new iam.Role(stack, 'Reader', { assumedBy: new iam.AccountRootPrincipal() }));
    template().hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [{
          Action: 's3:GetObject',
          Effect: 'Allow',
          Resource: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':s3:::models/out/m.tar.gz']] },
        }],
      },
    });
  });
});

test('reading the artifact is reading under the output prefix, with the key', () => {
  const job = compile({ outputKey: new kms.Key(stack, 'Key') });
  job.grants.readArtifact(new iam.Role(stack, 'Reader', { assumedBy: new iam.AccountRootPrincipal() }));
  template().hasResourceProperties('AWS::IAM::Policy', {
    Roles: [{ Ref: Match.stringLikeRegexp('^Reader') }],
    PolicyDocument: {
      Statement: [
        Match.objectLike({
          Action: 's3:GetObject',
          Resource: { 'Fn::Join': ['', [{ 'Fn::GetAtt': [Match.stringLikeRegexp('^CompileOutputBucket'), 'Arn'] }, '/compiled/*']] },
        }),
        Match.objectLike({ Action: 'kms:Decrypt', Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] } }),
      ],
    },
  });
});

describe('metrics', () => {
  test('are those that the handler writes, by stack and resource', () => {
    const job = compile();
    const [id = ''] = Object.keys(template().findResources(JOB));
    const dimensions = { Stack: 'Demo', Resource: id };
    expect(stack.resolve(job.metricDuration().toMetricConfig().metricStat)).toMatchObject({
      namespace: 'cdk-sagemaker-edge/Jobs',
      metricName: 'Duration',
      statistic: 'Average',
      dimensions: Object.entries(dimensions).map(([name, value]) => ({ name, value })).sort((a, b) => a.name.localeCompare(b.name)),
    });
    expect(stack.resolve(job.metricFailed().toMetricConfig().metricStat)).toMatchObject({ metricName: 'Failed', statistic: 'Sum' });
  });

  test('take options', () => {
    expect(compile().metricFailed({ statistic: 'max', period: Duration.hours(1) })).toMatchObject({
      statistic: 'Maximum',
      period: Duration.hours(1),
    });
  });
});
