import { App, aws_kms as kms, aws_s3 as s3, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { type BucketOnnxModelProps, ModelComponent, ModelInput, OnnxModel, type BucketOnnxModel } from '../../../lib';
import { allowed } from '../../rights/statements';

const TYPE = 'Custom::SageMakerEdge-ModelPackage';
let app: App;
let stack: Stack;

beforeEach(() => {
  app = new App();
  stack = new Stack(app, 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
});

function model(props: Partial<BucketOnnxModelProps> = {}, id = 'Model'): BucketOnnxModel {
  const bucket = props.bucket ?? s3.Bucket.fromBucketName(stack, `${id}Trained`, 'trained');
  return OnnxModel.fromBucket(stack, id, { bucket, key: 'job/model.tar.gz', modelName: 'text-net', modelVersion: '1.0', ...props });
}

test('the object, the name and the inputs go to the handler', () => {
  model({ objectVersion: 'v1', inputs: [ModelInput.tensor('x', [1, 3])] });
  Template.fromStack(stack).hasResourceProperties(TYPE, {
    SourceBucket: 'trained', SourceKey: 'job/model.tar.gz', SourceVersion: 'v1', ModelName: 'text-net', ModelVersion: '1.0',
    Inputs: '[{"inputName":"x","shape":[1,3]}]', Prefix: Match.stringLikeRegexp('^models/Stack-Model-[0-9A-F]{8}$'), Retain: 'false',
  });
});

test('the URI, the digest and the size are known at deployment', () => {
  const { modelArtifactUri, modelArtifactDigest, modelArtifactSize } = model();
  const [id] = Object.keys(Template.fromStack(stack).findResources(TYPE));
  expect(stack.resolve([modelArtifactUri, modelArtifactDigest, modelArtifactSize])).toEqual(
    ['Uri', 'Digest', 'Size'].map((name) => ({ 'Fn::GetAtt': [id, name] })),
  );
});

test('the handler has Lambda\'s largest disk and longest time', () => {
  model();
  Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
    EphemeralStorage: { Size: 10_240 }, Timeout: 900, MemorySize: 1769, Description: Match.stringLikeRegexp('packages models'),
  });
});

test.each([[undefined, 's3:GetObject'], ['v1', 's3:GetObjectVersion']])('with the version %p, the handler may %s this one object', (objectVersion, action) => {
  model(objectVersion === undefined ? {} : { objectVersion });
  const reads = allowed(app).filter(({ action: given }) => given.startsWith('s3:GetObject'));
  expect(reads.map(({ action: given, resource }) => [given, resource])).toEqual([[action, 'arn:aws:s3:::trained/job/model.tar.gz']]);
});

test('the handler may write and delete in the model\'s own folder alone, by a policy that the resource depends on', () => {
  model();
  const template = Template.fromStack(stack);
  const [policy] = Object.keys(template.findResources('AWS::IAM::Policy')).filter((id) => id.startsWith('ModelRights'));
  template.hasResource(TYPE, { DependsOn: Match.arrayWith([policy]) });
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyName: Match.stringLikeRegexp('^ModelRights'),
    PolicyDocument: {
      Statement: [
        {
          Action: ['s3:PutObject', 's3:DeleteObject', 's3:AbortMultipartUpload'], Effect: 'Allow',
          Resource: { 'Fn::Join': ['', [Match.anyValue(), Match.stringLikeRegexp('^/models/Stack-Model-[0-9A-F]{8}/\\*$')]] },
        },
        Match.objectLike({ Action: 's3:ListBucket', Condition: { StringLike: { 's3:prefix': Match.stringLikeRegexp('^models/Stack-Model-') } } }),
      ],
    },
  });
});

test('keys of KMS are granted where they are given', () => {
  const encryptionKey = kms.Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111111111111:key/in');
  const packageBucket = new s3.Bucket(stack, 'Packages', { encryption: s3.BucketEncryption.KMS });
  model({ encryptionKey, packageBucket });
  const kmsRights = allowed(app).filter(({ action, path }) => action.startsWith('kms:') && path.includes('Provider'));
  expect(kmsRights.filter(({ resource }) => resource.endsWith('key/in')).map(({ action }) => action)).toEqual(['kms:Decrypt']);
  expect(kmsRights.filter(({ resource }) => !resource.endsWith('key/in')).map(({ action }) => action)).toContain('kms:GenerateDataKey*');
});

test('two models share the handler and the bucket, and have folders of their own', () => {
  model();
  model({}, 'Other');
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::S3::Bucket', 1);
  const resources: Record<string, { Prefix: string }>[] = Object.values(template.findResources(TYPE));
  expect(new Set(resources.map(({ Properties }) => Properties?.Prefix)).size).toBe(2);
});

test('a bucket that is given takes the packages, and they may be retained there', () => {
  model({ packageBucket: s3.Bucket.fromBucketName(stack, 'Mine', 'mine'), packagePrefix: 'a/b', removalPolicy: RemovalPolicy.RETAIN });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::S3::Bucket', 0);
  template.hasResourceProperties(TYPE, { Bucket: 'mine', Prefix: Match.stringLikeRegexp('^a/b/'), Retain: 'true' });
});

test.each<[Partial<BucketOnnxModelProps>, string]>([
  [{ key: 'model.pt' }, "key must be a key that ends with '.onnx', '.tar.gz' or '.tgz', and does not begin with '/', got 'model.pt'"],
  [{ key: '/model.onnx' }, "got '/model.onnx'"],
  [{ objectVersion: '' }, 'objectVersion must have 1 to 1024 characters'],
  [{ modelName: 'a_b' }, 'modelName must be letters'],
  [{ packagePrefix: 'a/' }, "packagePrefix must be letters"],
  [{ inputs: [ModelInput.unnamedTensor([1])] }, 'each of inputs must have a name and a shape'],
  [{ removalPolicy: RemovalPolicy.RETAIN }, 'removalPolicy RETAIN needs a packageBucket'],
])('fails for %p', (props, words) => {
  expect(() => model(props)).toThrow(words);
});

test('a component of Greengrass refuses it, since its version comes from the content', () => {
  const packaged = model();
  expect(() => new ModelComponent(stack, 'Component', { model: packaged })).toThrow('Stack/Component: model must be packaged at synth');
});
