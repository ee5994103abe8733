import { App, aws_iam as iam, aws_kms as kms, aws_s3 as s3, CfnOutput, Duration, Stack, Tags } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import {
  CompilationJob, GreengrassPreset, ModelRuntime, PackagingJob, PresetPlatformArchitecture, PresetPlatformOs,
  type ICompilationJob, type PackagingJobAttributes, type PackagingJobProps,
} from '../../../lib';

const ENV = { account: '111122223333', region: 'eu-west-1' };
const JOB = 'Custom::SageMakerEdge-PackagingJob';

let stack: Stack;
let bucket: s3.IBucket;
let compiled: ICompilationJob;
beforeEach(() => {
  useStack(ENV.region);
});

function useStack(region: string): void {
  stack = new Stack(new App(), 'Demo', { env: { ...ENV, region } });
  bucket = s3.Bucket.fromBucketName(stack, 'Compiled', 'compiled');
  compiled = CompilationJob.fromCompilationJobAttributes(stack, 'Compile', {
    compilationJobName: 'compiled-1',
    modelArtifactUri: 's3://compiled/out/m.tar.gz',
    modelArtifactBucket: bucket,
  });
}

function pack(props: Partial<PackagingJobProps> = {}): PackagingJob {
  return new PackagingJob(stack, 'Package', { compilationJob: compiled, modelName: 'text-recogniser', modelVersion: '1.0', ...props });
}
const template = () => Template.fromStack(stack);
const expectJob = (properties: object) => {
  template().hasResourceProperties(JOB, properties);
};
const arn = (rest: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, rest]] });
function hasStatement(statement: object): void {
  template().hasResourceProperties('AWS::IAM::Policy', {
    Roles: [{ Ref: Match.stringLikeRegexp('^PackageRole') }],
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike(statement)]) },
  });
}

test('the job gets the compilation job, the model, and an output place beside the compiled model', () => {
  pack();
  expectJob({
    CompilationJobName: 'compiled-1', ModelName: 'text-recogniser', ModelVersion: '1.0', MaxRuntimeInSeconds: '900',
    Output: { S3BaseUri: 's3://compiled/packaged' },
    NamePrefix: Match.stringLikeRegexp('^demo-[0-9a-f]{8}$'),
    ResourceKey: Match.absent(),
    Tags: Match.absent(),
  });
});

test('tags of a scope are the job\'s, too', () => {
  pack();
  Tags.of(stack).add('stage', 'prod');
  expectJob({ Tags: [{ Key: 'stage', Value: 'prod' }] });
});

test('given output, keys, runtime and tags are used', () => {
  const key = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/1');
  const output = s3.Bucket.fromBucketName(stack, 'Output', 'output');
  const job = pack({
    outputBucket: output, outputPrefix: 'a/b', outputKey: key, resourceKey: key, maxRuntime: Duration.minutes(5), tags: { team: 'edge' },
  });
  expect(job.modelArtifactBucket).toBe(output);
  expectJob({
    Output: { S3BaseUri: 's3://output/a/b', KmsKeyId: key.keyArn },
    ResourceKey: key.keyArn,
    MaxRuntimeInSeconds: '300',
    Tags: [{ Key: 'team', Value: 'edge' }],
  });
});

test('it is a deployable model, whose runtime is that of the compiled model', () => {
  const job = pack();
  expect(job).toMatchObject({
    modelName: 'text-recogniser',
    modelVersion: '1.0',
    runtime: ModelRuntime.FROM_MANIFEST,
    modelArtifactBucket: bucket,
    modelArtifactDigest: undefined,
  });
});

test('attributes are what the service says', () => {
  const job = pack();
  const values = {
    ModelArtifact: job.modelArtifactUri,
    JobName: job.packagingJobName ?? '',
    JobArn: job.packagingJobArn,
    ModelSignature: job.modelSignature,
    PresetDeploymentArtifact: job.greengrassComponentArn,
  };
  for (const [name, value] of Object.entries(values)) {
    new CfnOutput(stack, name, { value });
  }
  for (const name of Object.keys(values)) {
    template().hasOutput(name, { Value: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Package'), name] } });
  }
});

describe('role', () => {
  test('the default trusts SageMaker for this account alone, reads the compiled model, and writes the package', () => {
    pack();
    template().hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: {
        Statement: [Match.objectLike({
          Principal: { Service: 'sagemaker.amazonaws.com' },
          Condition: { StringEquals: { 'aws:SourceAccount': '111122223333' } },
        })],
      },
    });
    hasStatement({ Action: 's3:GetObject', Resource: arn(':s3:::compiled/out/m.tar.gz') });
    hasStatement({ Action: ['s3:GetBucketLocation', 's3:ListBucket'], Resource: arn(':s3:::compiled') });
    hasStatement({ Action: ['s3:PutObject', 's3:AbortMultipartUpload'], Resource: arn(':s3:::compiled/packaged/*') });
    expect(JSON.stringify(template().findResources('AWS::IAM::Policy'))).not.toMatch(/kms:|greengrass:/);
  });

  test('a key for the volume may be lent to AWS\'s resources alone', () => {
    const key = new kms.Key(stack, 'Key');
    pack({ resourceKey: key });
    hasStatement({
      Action: 'kms:CreateGrant',
      Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
      Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    });
    hasStatement({ Action: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'] });
  });

  test('fails when a given one does not trust SageMaker', () => {
    pack({ role: new iam.Role(stack, 'Mine', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') }) });
    expect(template).toThrow('role must trust sagemaker.amazonaws.com, got a role that does not: Demo/Mine');
  });

  test('a given one is used', () => {
    const role = iam.Role.fromRoleArn(stack, 'Mine', 'arn:aws:iam::111122223333:role/mine');
    expect(pack({ role }).role).toBe(role);
    expectJob({ RoleArn: 'arn:aws:iam::111122223333:role/mine' });
    template().hasResourceProperties('AWS::IAM::Policy', { Roles: ['mine'] });
  });

  test('the right to start is the packaging job\'s, and the job comes after it', () => {
    pack();
    template().hasResourceProperties('AWS::IAM::Policy', {
      PolicyName: Match.stringLikeRegexp('PackageStartPolicy'),
      PolicyDocument: { Statement: [
        Match.objectLike({ Action: 'sagemaker:CreateEdgePackagingJob' }),
        Match.objectLike({ Action: 'iam:PassRole' }),
      ] },
    });
    const [policy] = Object.keys(template().findResources('AWS::IAM::Policy')).filter((id) => id.startsWith('PackageStartPolicy'));
    template().hasResource(JOB, { DependsOn: Match.arrayWith([policy]) });
  });
});

describe('Greengrass preset', () => {
  const preset = () => GreengrassPreset.component({
    componentName: 'com.example.text', componentDescription: 'Reads text', componentVersion: '1.2.3',
    platformOs: PresetPlatformOs.LINUX, platformArchitecture: PresetPlatformArchitecture.LINUX_X86,
  });

  test('it is handed on as JSON, and the role may make components of its name', () => {
    pack({ greengrass: preset() });
    expectJob({
      Output: {
        S3BaseUri: 's3://compiled/packaged', PresetDeploymentType: 'GreengrassV2Component',
        PresetDeploymentConfig: JSON.stringify({
          ComponentName: 'com.example.text', ComponentDescription: 'Reads text', ComponentVersion: '1.2.3',
          PlatformOS: 'Linux', PlatformArchitecture: 'Linux x86_64',
        }),
      },
    });
    hasStatement({
      Action: ['greengrass:CreateComponentVersion', 'greengrass:DescribeComponent'],
      Resource: arn(':greengrass:eu-west-1:111122223333:components:com.example.text:*'),
    });
  });

  test('without a name the service names the component', () => {
    pack({ greengrass: GreengrassPreset.component() });
    expectJob({ Output: Match.objectLike({ PresetDeploymentConfig: '{}' }) });
    hasStatement({
      Action: ['greengrass:CreateComponentVersion', 'greengrass:DescribeComponent'],
      Resource: arn(':greengrass:eu-west-1:111122223333:components:SagemakerEdgeManager*'),
    });
  });

  test.each([
    [{ componentVersion: '1.0' }, "componentVersion must be a semantic version like '1.2.3', got '1.0'"],
    [{ componentName: 'a b' }, "componentName must be letters, digits and - _ ., got 'a b'"],
    [{ componentDescription: 'x'.repeat(257) }, 'componentDescription must have 0 to 256 characters, got 257'],
  ])('fails when an option is wrong: %#', (options, message) => {
    expect(() => GreengrassPreset.component(options)).toThrow(message);
  });
});

describe('validation', () => {
  test.each([
    [{ modelName: 'a_b' }, /Demo\/Package: modelName must be letters, digits and hyphens.*got 'a_b'/],
    [{ modelVersion: '1.0.0-beta' }, /modelVersion must be .*no hyphen.*got '1.0.0-beta'/],
    [{ maxRuntime: Duration.hours(1) }, 'maxRuntime in seconds must be a whole number from 1 to 2700, got 3600'],
    [{ outputPrefix: '/a' }, /outputPrefix must be path segments.*got '\/a'/],
  ])('fails when a property is wrong: %#', (wrong, message) => {
    expect(() => pack(wrong)).toThrow(message);
  });

  test('fails when the output bucket is in another region', () => {
    const far = s3.Bucket.fromBucketAttributes(stack, 'Far', { bucketName: 'far', region: 'us-east-1' });
    expect(() => pack({ outputBucket: far })).toThrow('outputBucket must be in the region of the job, eu-west-1, got us-east-1');
  });

  test('fails in a region that never had Edge Manager', () => {
    useStack('eu-west-3');
    expect(() => pack()).toThrow(/us-east-1, .*got region 'eu-west-3'/);
  });

  test('warns of the retired service, by an id that can be acknowledged', () => {
    pack();
    Annotations.fromStack(stack).hasWarning('/Demo/Package', Match.stringLikeRegexp('cdk-sagemaker-edge:PackagingJob.serviceRetired'));
  });

  test('warns of a model name that no heartbeat takes, and not of a longer one', () => {
    pack({ modelName: 'ocr' });
    Annotations.fromStack(stack).hasWarning('/Demo/Package', Match.stringLikeRegexp('PackagingJob.shortModelName'));
    useStack('eu-west-1');
    pack({ modelName: 'ocrs' });
    Annotations.fromStack(stack).hasNoWarning('/Demo/Package', Match.stringLikeRegexp('shortModelName'));
  });
});

describe('imports', () => {
  const attrs = (): PackagingJobAttributes => ({
    modelName: 'text-recogniser',
    modelVersion: '1.0',
    modelArtifactUri: 's3://compiled/p/m.tar.gz',
    modelArtifactBucket: bucket,
  });

  test('by attributes, without the warning', () => {
    const digest = 'a'.repeat(64);
    const job = PackagingJob.fromPackagingJobAttributes(stack, 'Imported', {
      ...attrs(),
      packagingJobName: 'made-elsewhere',
      modelArtifactDigest: digest,
      runtime: ModelRuntime.ONNX,
    });
    expect(job).toMatchObject({
      packagingJobName: 'made-elsewhere',
      runtime: ModelRuntime.ONNX,
      modelArtifactDigest: digest,
      modelArtifactUri: 's3://compiled/p/m.tar.gz',
    });
    Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
  });

  test('the runtime of an import is known from the manifest by default', () => {
    expect(PackagingJob.fromPackagingJobAttributes(stack, 'Imported', attrs()).runtime).toBe(ModelRuntime.FROM_MANIFEST);
  });

  test('reading the package is reading its one object', () => {
    const reader = new iam.Role(stack, 'Reader', { assumedBy: new iam.AccountRootPrincipal() });
    PackagingJob.fromPackagingJobAttributes(stack, 'Imported', attrs()).grants.read(reader);
    template().hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: [{ Action: 's3:GetObject', Effect: 'Allow', Resource: arn(':s3:::compiled/p/m.tar.gz') }] },
    });
  });

  test.each([
    [{ packagingJobName: '-' }, 'packagingJobName must be'],
    [{ modelName: 'a_b' }, 'modelName must be'],
    [{ modelVersion: 'a-b' }, 'modelVersion must be'],
    [{ modelArtifactUri: '/x' }, 'modelArtifactUri must be'], [{ modelArtifactDigest: 'A' }, 'modelArtifactDigest must be'],
  ])('fails when an attribute is wrong: %#', (wrong, message) => {
    expect(() => PackagingJob.fromPackagingJobAttributes(stack, 'Imported', { ...attrs(), ...wrong })).toThrow(message);
  });
});

describe('metrics', () => {
  test('are those that the handler writes, by stack and resource', () => {
    const job = pack();
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
    const options = { statistic: 'max', period: Duration.hours(1) };
    expect(pack().metricFailed(options)).toMatchObject({ ...options, statistic: 'Maximum' });
  });
});
