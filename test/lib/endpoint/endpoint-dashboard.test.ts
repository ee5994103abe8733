import { Annotations, Capture, Match } from 'aws-cdk-lib/assertions';
import { EndpointDashboard, EndpointInstanceType, RealTimeEndpoint, type EndpointDashboardProps } from '../../../lib';
import { has, stackIn } from './endpoint-stack';

/** The text of the dashboard. */
function bodyWith(props: Partial<EndpointDashboardProps> = {}): string {
  const stack = stackIn();
  new EndpointDashboard(stack, 'Dashboard', { endpoint: RealTimeEndpoint.fromEndpointName(stack, 'Imported', 'reader'), ...props });
  const body = new Capture();
  has(stack, 'AWS::CloudWatch::Dashboard', { DashboardBody: body });
  return JSON.stringify(body.asObject()).replaceAll('\\"', '"');
}

test('shows what the endpoint bears and how it fares', () => {
  const body = bodyWith();
  for (const title of ['Requests', 'Errors', 'Model latency', 'Overhead latency', 'Processors', 'Memory']) {
    expect(body).toContain(`"title":"${title}"`);
  }
  for (const expression of ['m / PERIOD(m)', 'modelLatencyp99 / 1000', 'overheadLatencyp50 / 1000']) {
    expect(body).toContain(`"expression":"${expression}"`);
  }
  expect(body).toContain('"EndpointName","reader","VariantName","AllTraffic"');
});

test('shows the processors as CloudWatch has them where the type is not known', () => {
  const body = bodyWith();
  expect(body).toContain('percent, summed over vCPUs');
  expect(body).not.toContain('best from 60');
});

test('shows the processors in percent of all, and the range that is best, where the type is known', () => {
  const body = bodyWith({ instanceType: EndpointInstanceType.M5_12XLARGE });
  expect(body).toContain('"expression":"cpu / 48"');
  expect(body).toContain('best from 60');
  expect(body).not.toContain('GPUUtilization');
});

test('shows the GPUs where there are some', () => {
  expect(bodyWith({ instanceType: EndpointInstanceType.G4DN_XLARGE })).toContain('GPUMemoryUtilization');
});

test('has a name and a variant', () => {
  const stack = stackIn();
  const endpoint = RealTimeEndpoint.fromEndpointName(stack, 'Imported', 'reader');
  const { dashboard } = new EndpointDashboard(stack, 'Dashboard', { endpoint, dashboardName: 'own', variantName: 'b' });
  has(stack, 'AWS::CloudWatch::Dashboard', { DashboardName: 'own' });
  expect(stack.resolve(dashboard.dashboardName)).toEqual({ Ref: expect.stringMatching(/^Dashboard/) as unknown });
});

test('fails when the variant has no name that can be', () => {
  expect(() => bodyWith({ variantName: '-' })).toThrow('Demo/Dashboard: variantName must be letters, digits and hyphens');
});

test('computes by the minute, as its metrics come, without a warning of CDK', () => {
  const stack = stackIn();
  const endpoint = RealTimeEndpoint.fromEndpointName(stack, 'Imported', 'reader');
  new EndpointDashboard(stack, 'Dashboard', { endpoint, instanceType: EndpointInstanceType.M5_12XLARGE });
  Annotations.fromStack(stack).hasNoWarning('*', Match.anyValue());
});
