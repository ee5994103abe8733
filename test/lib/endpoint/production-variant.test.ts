import { Duration, Fn, Size, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { EndpointInstanceType, EndpointRouting } from '../../../lib';
import { endpointIn, has, stackIn, variant } from './endpoint-stack';

describe('a variant', () => {
  test('is AllTraffic on one instance by default', () => {
    const stack = stackIn();
    endpointIn(stack);
    has(stack, 'AWS::SageMaker::EndpointConfig', {
      ProductionVariants: [{
        VariantName: 'AllTraffic', InstanceType: 'ml.m5.xlarge', InitialInstanceCount: 1, InitialVariantWeight: 1,
        ModelName: { 'Fn::GetAtt': [Match.stringLikeRegexp('^EndpointAllTrafficModel'), 'ModelName'] },
      }],
    });
  });

  test('has what it is given', () => {
    const stack = stackIn();
    endpointIn(stack, {
      variants: [variant({
        variantName: 'blue', instanceCount: 3, weight: 0.5, routing: EndpointRouting.LEAST_OUTSTANDING_REQUESTS,
        modelDataDownloadTimeout: Duration.minutes(10), containerStartupTimeout: Duration.hours(1), volumeSize: Size.gibibytes(64),
      })],
    });
    has(stack, 'AWS::SageMaker::EndpointConfig', {
      ProductionVariants: [{
        VariantName: 'blue', InitialInstanceCount: 3, InitialVariantWeight: 0.5, RoutingConfig: { RoutingStrategy: 'LEAST_OUTSTANDING_REQUESTS' },
        ModelDataDownloadTimeoutInSeconds: 600, ContainerStartupHealthCheckTimeoutInSeconds: 3600, VolumeSizeInGB: 64,
      }],
    });
  });

  test('shares the role with the others', () => {
    const stack = stackIn();
    endpointIn(stack, { variants: [variant({ variantName: 'a' }), variant({ variantName: 'b', instanceType: EndpointInstanceType.G5_XLARGE })] });
    Template.fromStack(stack).resourceCountIs('AWS::SageMaker::Model', 2);
    Template.fromStack(stack).resourceCountIs('AWS::IAM::Role', 1);
  });

  test('takes a number that only the deployment knows', () => {
    const stack = stackIn();
    endpointIn(stack, { variants: [variant({ instanceCount: Token.asNumber(Fn.importValue('count')), weight: Token.asNumber(Fn.importValue('weight')) })] });
    has(stack, 'AWS::SageMaker::EndpointConfig', { ProductionVariants: [{ InitialInstanceCount: { 'Fn::ImportValue': 'count' } }] });
  });

  test.each([
    ['the name is -a', { variantName: '-a' }, "Demo/Endpoint/-a: variantName must be letters, digits and hyphens, with neither end a hyphen, got '-a'"],
    ['there is no instance', { instanceCount: 0 }, 'instanceCount must be a whole number from 1 to'],
    ['there is half an instance', { instanceCount: 0.5 }, 'instanceCount must be a whole number'],
    ['the weight is negative', { weight: -1 }, 'weight must be 0 or more, got -1'],
    ['the weight is no number', { weight: NaN }, 'weight must be 0 or more, got NaN'],
    ['the download has too little time', { modelDataDownloadTimeout: Duration.seconds(59) }, 'modelDataDownloadTimeout must be a whole number of seconds from 60 to 3600'],
    ['the container has too much time', { containerStartupTimeout: Duration.seconds(3601) }, 'containerStartupTimeout must be a whole number of seconds from 60 to 3600'],
    ['the volume is too large', { volumeSize: Size.gibibytes(513) }, 'volumeSize in GiB must be a whole number from 1 to 512, got 513'],
    ['the volume is no whole number of GiB', { volumeSize: Size.mebibytes(1500) }, 'volumeSize in GiB must be a whole number from 1 to 512'],
  ])('fails when %s', (_, props, message) => {
    expect(() => endpointIn(stackIn(), { variants: [variant(props)] })).toThrow(message);
  });

  test.each([
    ['there is none', 0, 'variants must be 1 to 10, got 0'], ['there are eleven', 11, 'variants must be 1 to 10, got 11'],
  ])('fails when %s', (_, count, message) => {
    expect(() => endpointIn(stackIn(), { variants: Array.from({ length: count }, (_each, at) => variant({ variantName: `v${at}` })) })).toThrow(message);
  });

  test('fails when two have one name', () => {
    expect(() => endpointIn(stackIn(), { variants: [variant(), variant({ variantName: 'AllTraffic' })] })).toThrow(
      "each variant must have a variantName of its own, got 'AllTraffic' twice",
    );
  });

  test('fails when its name is a token', () => {
    expect(() => endpointIn(stackIn(), { variants: [variant({ variantName: Fn.importValue('name') })] })).toThrow('variantName must be known at synth');
  });
});
