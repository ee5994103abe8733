import { Duration, Fn, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { EndpointInstanceType, EndpointScaling, RealTimeEndpoint } from '../../../lib';
import { endpointIn, has, stackIn, variant } from './endpoint-stack';

test('scales the number of instances of the variant, by the service\'s own role', () => {
  const stack = stackIn();
  endpointIn(stack).autoScale({ min: 1, max: 4 });
  has(stack, 'AWS::ApplicationAutoScaling::ScalableTarget', {
    ServiceNamespace: 'sagemaker', ScalableDimension: 'sagemaker:variant:DesiredInstanceCount', MinCapacity: 1, MaxCapacity: 4, RoleARN: Match.absent(),
    ResourceId: { 'Fn::Join': ['', ['endpoint/', { 'Fn::GetAtt': ['EndpointEEF1FD8F', 'EndpointName'] }, '/variant/AllTraffic']] },
  });
});

test('follows the requests for each instance', () => {
  const stack = stackIn();
  endpointIn(stack).autoScale({ min: 1, max: 4 }).onInvocationsPerInstance(3000, { scaleInCooldown: Duration.minutes(5) });
  has(stack, 'AWS::ApplicationAutoScaling::ScalingPolicy', {
    PolicyType: 'TargetTrackingScaling',
    ScalingTargetId: { Ref: Match.stringLikeRegexp('^EndpointScalingAllTraffic') },
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: 3000, ScaleInCooldown: 300, PredefinedMetricSpecification: { PredefinedMetricType: 'SageMakerVariantInvocationsPerInstance' },
    },
  });
});

test('follows metrics', () => {
  const stack = stackIn();
  const endpoint = endpointIn(stack);
  endpoint.autoScale({ min: 1, max: 4 })
    .onMetric('Cpu', { metric: endpoint.metricCpuUtilization(), target: 250, disableScaleIn: true })
    .onMetric('Memory', { metric: endpoint.metricMemoryUtilization(), target: 70 });
  has(stack, 'AWS::ApplicationAutoScaling::ScalingPolicy', {
    TargetTrackingScalingPolicyConfiguration: {
      TargetValue: 250, DisableScaleIn: true,
      CustomizedMetricSpecification: {
        MetricName: 'CPUUtilization', Namespace: '/aws/sagemaker/Endpoints', Statistic: 'Average',
        Dimensions: [{ Name: 'EndpointName', Value: 'demo-endpoint' }, { Name: 'VariantName', Value: 'AllTraffic' }],
      },
    },
  });
  Template.fromStack(stack).resourceCountIs('AWS::ApplicationAutoScaling::ScalingPolicy', 2);
});

test('takes the first variant, or the one that is named', () => {
  const stack = stackIn();
  const endpoint = endpointIn(stack, { variants: [variant({ variantName: 'a' }), variant({ variantName: 'b', instanceCount: 2 })] });
  endpoint.autoScale({ min: 1, max: 4 });
  endpoint.autoScale({ min: 2, max: 4, variantName: 'b' });
  const ids = Object.values(Template.fromStack(stack).findResources('AWS::ApplicationAutoScaling::ScalableTarget')).map((each) => JSON.stringify(each));
  expect(ids.map((id) => /\/variant\/(\w)/.exec(id)?.[1])).toEqual(['a', 'b']);
});

test('scales an endpoint of somebody else', () => {
  const stack = stackIn();
  new EndpointScaling(stack, 'Scaling', { endpoint: RealTimeEndpoint.fromEndpointName(stack, 'Imported', 'Reader'), min: 1, max: 2 });
  has(stack, 'AWS::ApplicationAutoScaling::ScalableTarget', { ResourceId: 'endpoint/Reader/variant/AllTraffic' });
});

test('takes numbers that only the deployment knows', () => {
  const stack = stackIn();
  endpointIn(stack).autoScale({ min: Token.asNumber(Fn.importValue('min')), max: 4 }).onInvocationsPerInstance(Token.asNumber(Fn.importValue('target')));
  has(stack, 'AWS::ApplicationAutoScaling::ScalableTarget', { MinCapacity: { 'Fn::ImportValue': 'min' } });
});

test.each([
  ['min is 0', { min: 0, max: 1 }, 'instanceCount of the variant \'AllTraffic\' must be from min to max, wanted 0 to 1'],
  ['max is less than min', { min: 1, max: 0 }, 'wanted 1 to 0, got 1'],
  ['instanceCount is less than min', { min: 2, max: 4 }, "instanceCount of the variant 'AllTraffic' must be from min to max, wanted 2 to 4, got 1"],
  ['there is no such variant', { min: 1, max: 4, variantName: 'b' }, "variantName must be one of AllTraffic, got 'b'"],
])('fails when %s', (_, options, message) => {
  const endpoint = endpointIn(stackIn());
  expect(() => endpoint.autoScale(options).onInvocationsPerInstance(1)).toThrow(options.min === 0 ? 'min must be a whole number from 1 to' : message);
});

test.each([
  ['min is no whole number', { min: 0.5, max: 1 }, 'Demo/Scaling: min must be a whole number from 1 to'],
  ['max is less than min', { min: 2, max: 1 }, 'Demo/Scaling: max must be a whole number from 2 to'],
  ['the variant has no name that can be', { min: 1, max: 1, variantName: '-' }, 'Demo/Scaling: variantName must be letters, digits and hyphens'],
])('the construct fails when %s', (_, options, message) => {
  const stack = stackIn();
  expect(() => new EndpointScaling(stack, 'Scaling', { endpoint: endpointIn(stack), ...options })).toThrow(message);
});

test('fails when a variant is scaled twice', () => {
  const endpoint = endpointIn(stackIn());
  endpoint.autoScale({ min: 1, max: 2 });
  expect(() => endpoint.autoScale({ min: 1, max: 2 })).toThrow("autoScale must be called once for each variant, got a second call for 'AllTraffic'");
});

test('fails when the instances are burstable', () => {
  const endpoint = endpointIn(stackIn(), { variants: [variant({ instanceType: EndpointInstanceType.of('ml.t2.medium') })] });
  expect(() => endpoint.autoScale({ min: 1, max: 2 })).toThrow('instances of a burstable type are not scaled by SageMaker, got ml.t2.medium');
});

test.each([0, -1, NaN])('fails when the target is %d', (target) => {
  const scaling = endpointIn(stackIn()).autoScale({ min: 1, max: 2 });
  expect(() => scaling.onInvocationsPerInstance(target)).toThrow(`target must be more than 0, got ${target}`);
});
