import { Capture, Match, Template } from 'aws-cdk-lib/assertions';
import { DeepLearningContainer, EndpointImage, EndpointModel } from '../../../lib';
import { endpointIn, has, stackIn, variant } from './endpoint-stack';

describe('a Deep Learning Container', () => {
  const modelOf = (container: DeepLearningContainer): EndpointModel =>
    EndpointModel.fromImage({ image: EndpointImage.fromDeepLearningContainer(container) });
  const pytorch = { repositoryName: 'pytorch-inference', tag: '2.6.0-gpu-py312', cpuTag: '2.6.0-cpu-py312' };
  const imageIn = (region: string | undefined, container: DeepLearningContainer): unknown => {
    const stack = stackIn({ env: { account: '111122223333', region } });
    endpointIn(stack, { variants: [variant({ model: modelOf(container) })] });
    const image = new Capture();
    has(stack, 'AWS::SageMaker::Model', { PrimaryContainer: { Image: image } });
    return image.asObject();
  };

  test.each([['af-south-1', '626614931356'], ['us-gov-west-1', '442386744353'], ['cn-north-1', '727897471807']])('of %s is of account %s', (region, account) => {
    expect(imageIn(region, DeepLearningContainer.of(pytorch))).toEqual({
      'Fn::Join': ['', [`${account}.dkr.ecr.${region}.`, { Ref: 'AWS::URLSuffix' }, '/pytorch-inference:2.6.0-cpu-py312']],
    });
  });

  test('is looked up at deployment where the stack has no region', () => {
    const stack = stackIn({});
    endpointIn(stack, { variants: [variant({ model: modelOf(DeepLearningContainer.TRITON_25_09) })] });
    const [mapping] = Object.values(Template.fromStack(stack).findMappings('*'));
    expect(mapping).toMatchObject({ 'us-east-1': { account: '763104351884' }, 'mx-central-1': { account: '637423239942' } });
    const account = { 'Fn::FindInMap': [Match.anyValue(), { Ref: 'AWS::Region' }, 'account'] };
    const registry = [account, '.dkr.ecr.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }];
    has(stack, 'AWS::SageMaker::Model', {
      PrimaryContainer: { Image: { 'Fn::Join': ['', [...registry, '/sagemaker-tritonserver:25.09-py3-cpu']] } },
    });
  });

  test('shares the mapping with the others of the stack', () => {
    const stack = stackIn({});
    endpointIn(stack, { variants: [variant({ variantName: 'a' }), variant({ variantName: 'b' })] });
    expect(Object.keys(Template.fromStack(stack).findMappings('*'))).toHaveLength(1);
  });

  test('takes another account', () => {
    expect(JSON.stringify(imageIn('xx-new-1', DeepLearningContainer.of({ ...pytorch, accountId: '999999999999' })))).toContain('999999999999.dkr.ecr.xx-new-1.');
  });

  test('fails when the region is not in the table', () => {
    expect(() => imageIn('xx-new-1', DeepLearningContainer.of(pytorch))).toThrow('got xx-new-1, which is not in the library\'s table: give it as accountId');
  });

  test('of Triton fails in a partition that has none', () => {
    expect(() => imageIn('us-gov-west-1', DeepLearningContainer.TRITON_25_09)).toThrow('AWS publishes it in the partitions aws and aws-cn alone, got us-gov-west-1');
  });

  test.each([
    ['the version of Triton is none', () => DeepLearningContainer.triton('25.9'), "version of Triton must be a release like '25.09', got '25.9'"],
    ['the repository is none', () => DeepLearningContainer.of({ ...pytorch, repositoryName: 'A' }), 'repositoryName of a Deep Learning Container must have 2 to 256 characters'],
    ['the tag is none', () => DeepLearningContainer.of({ ...pytorch, tag: 'a:b' }), "tag of a Deep Learning Container must be a tag like '25.09-py3', got 'a:b'"],
    ['the account is none', () => DeepLearningContainer.of({ ...pytorch, accountId: '1' }), 'accountId of a Deep Learning Container must be an account ID of 12 digits'],
  ])('fails when %s', (_, make, message) => {
    expect(make).toThrow(message);
  });
});
