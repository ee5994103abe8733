import { aws_sagemaker as sagemaker, Duration, Resource } from 'aws-cdk-lib';
import { EndpointMetrics, RealTimeEndpoint, type EndpointMetricOptions, type IRealTimeEndpoint } from '../../../lib';
import { endpointIn, stackIn, variant } from './endpoint-stack';

const METRICS: [keyof EndpointMetrics & keyof IRealTimeEndpoint, string, string, string][] = [
  ['metricInvocations', 'AWS/SageMaker', 'Invocations', 'Sum'],
  ['metricInvocationsPerInstance', 'AWS/SageMaker', 'InvocationsPerInstance', 'Sum'],
  ['metricModelLatency', 'AWS/SageMaker', 'ModelLatency', 'Average'],
  ['metricOverheadLatency', 'AWS/SageMaker', 'OverheadLatency', 'Average'],
  ['metric4xx', 'AWS/SageMaker', 'Invocation4XXErrors', 'Sum'],
  ['metric5xx', 'AWS/SageMaker', 'Invocation5XXErrors', 'Sum'],
  ['metricModelErrors', 'AWS/SageMaker', 'InvocationModelErrors', 'Sum'],
  ['metricCpuUtilization', '/aws/sagemaker/Endpoints', 'CPUUtilization', 'Average'],
  ['metricMemoryUtilization', '/aws/sagemaker/Endpoints', 'MemoryUtilization', 'Average'],
  ['metricDiskUtilization', '/aws/sagemaker/Endpoints', 'DiskUtilization', 'Average'],
  ['metricGpuUtilization', '/aws/sagemaker/Endpoints', 'GPUUtilization', 'Average'],
  ['metricGpuMemoryUtilization', '/aws/sagemaker/Endpoints', 'GPUMemoryUtilization', 'Average'],
];

test.each(METRICS)('%s is %s %s, %s over a minute', (method, namespace, metricName, statistic) => {
  expect(endpointIn(stackIn())[method]()).toMatchObject({
    namespace, metricName, statistic, period: Duration.minutes(1), dimensions: { EndpointName: 'demo-endpoint', VariantName: 'AllTraffic' },
  });
});

test.each(METRICS)('%s takes a variant and what a metric can be given', (method) => {
  const options: EndpointMetricOptions = { variantName: 'b', statistic: 'p99', period: Duration.minutes(5), label: 'own' };
  const metric = endpointIn(stackIn(), { variants: [variant({ variantName: 'a' }), variant({ variantName: 'b' })] })[method](options);
  expect(metric).toMatchObject({ statistic: 'p99', period: Duration.minutes(5), label: 'own', dimensions: { VariantName: 'b' } });
});

test('the first variant is meant where none is named', () => {
  const endpoint = endpointIn(stackIn(), { variants: [variant({ variantName: 'a' }), variant({ variantName: 'b' })] });
  expect(endpoint.metricInvocations().dimensions).toMatchObject({ VariantName: 'a' });
});

test('a metric does not wait for its endpoint, so that the endpoint can depend on an alarm', () => {
  const stack = stackIn();
  expect(JSON.stringify(stack.resolve(endpointIn(stack).metric5xx().dimensions))).not.toContain('Fn::GetAtt');
});

test('an imported endpoint has metrics, in its own region', () => {
  const endpoint = RealTimeEndpoint.fromEndpointArn(stackIn(), 'Imported', 'arn:aws:sagemaker:us-east-1:111122223333:endpoint/reader');
  expect(endpoint.metricInvocations()).toMatchObject({ region: 'us-east-1', dimensions: { EndpointName: 'reader', VariantName: 'AllTraffic' } });
});

test('an endpoint that is imported by its name keeps its capital letters', () => {
  expect(RealTimeEndpoint.fromEndpointName(stackIn(), 'Imported', 'Reader').metric4xx().dimensions).toMatchObject({ EndpointName: 'Reader' });
});

describe('the metrics of any endpoint', () => {
  test('are those of an L1', () => {
    const stack = stackIn();
    const metrics = EndpointMetrics.fromEndpoint(new sagemaker.CfnEndpoint(stack, 'Endpoint', { endpointConfigName: 'config' }), { variantName: 'own' });
    expect(stack.resolve(metrics.metricModelLatency().dimensions)).toEqual({ EndpointName: { 'Fn::GetAtt': ['Endpoint', 'EndpointName'] }, VariantName: 'own' });
  });

  test('are found by an ARN where there is no name', () => {
    class Other extends Resource implements sagemaker.IEndpointRef {
      public readonly endpointRef = { endpointArn: 'arn:aws:sagemaker:eu-west-1:111122223333:endpoint/reader' };
    }
    expect(EndpointMetrics.fromEndpoint(new Other(stackIn(), 'Other')).metricInvocations().dimensions).toEqual({
      EndpointName: 'reader', VariantName: 'AllTraffic',
    });
  });

  test('fail when the name of the variant is none', () => {
    expect(() => EndpointMetrics.fromEndpoint(endpointIn(stackIn()), { variantName: 'a b' })).toThrow("Demo/Endpoint: variantName must be letters, digits and hyphens, with neither end a hyphen, got 'a b'");
  });
});
