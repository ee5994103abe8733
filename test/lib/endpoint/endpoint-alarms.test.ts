import { Fn, Token } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { EndpointAlarms, EndpointInstanceType, RealTimeEndpoint, type EndpointAlarmsProps } from '../../../lib';
import { endpointIn, has, stackIn } from './endpoint-stack';

const ALARM = 'AWS::CloudWatch::Alarm';
type Stacked = ReturnType<typeof stackIn>;

function alarmsIn(stack: Stacked, props: Partial<EndpointAlarmsProps> = {}): EndpointAlarms {
  return new EndpointAlarms(stack, 'Alarms', { endpoint: RealTimeEndpoint.fromEndpointName(stack, 'Imported', 'reader'), ...props });
}

test('are of errors of the server and of memory by default', () => {
  const stack = stackIn();
  expect(alarmsIn(stack).alarms).toHaveLength(2);
  has(stack, ALARM, {
    MetricName: 'Invocation5XXErrors', Statistic: 'Average', Threshold: 0.01, EvaluationPeriods: 3, Period: 60, ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching', Dimensions: [{ Name: 'EndpointName', Value: 'reader' }, { Name: 'VariantName', Value: 'AllTraffic' }],
  });
  has(stack, ALARM, { MetricName: 'MemoryUtilization', Threshold: 85 });
});

test('count the processors of an instance', () => {
  const stack = stackIn();
  alarmsIn(stack, { instanceType: EndpointInstanceType.M5_12XLARGE });
  has(stack, ALARM, { MetricName: 'CPUUtilization', Threshold: 3840, AlarmDescription: Match.stringLikeRegexp('more than 80 % of its 48 vCPUs') });
});

test('have the limits that they are given', () => {
  const stack = stackIn();
  const alarms = alarmsIn(stack, {
    instanceType: EndpointInstanceType.M5_LARGE, cpuPercent: 60, memoryPercent: 50, serverErrorPercent: 0, clientErrorPercent: 5,
    modelLatencyMillis: 200, minutes: 1, variantName: 'b',
  });
  expect(alarms.alarms).toEqual([alarms.serverErrors, alarms.memory, alarms.cpu, alarms.clientErrors, alarms.modelLatency]);
  has(stack, ALARM, { MetricName: 'CPUUtilization', Threshold: 120, EvaluationPeriods: 1 });
  has(stack, ALARM, { MetricName: 'MemoryUtilization', Threshold: 50 });
  has(stack, ALARM, { MetricName: 'Invocation5XXErrors', Threshold: 0 });
  has(stack, ALARM, { MetricName: 'Invocation4XXErrors', Threshold: 0.05 });
  const ofB = [Match.anyValue(), { Name: 'VariantName', Value: 'b' }];
  has(stack, ALARM, { MetricName: 'ModelLatency', ExtendedStatistic: 'p99', Threshold: 200_000, Dimensions: ofB });
});

test('leave the processors out where nobody knows how many there are', () => {
  expect(alarmsIn(stackIn(), { instanceType: EndpointInstanceType.of('ml.x9.large') }).cpu).toBeUndefined();
});

test('can roll an update back', () => {
  const stack = stackIn();
  const endpoint = endpointIn(stack);
  endpoint.addRollbackAlarms(...new EndpointAlarms(stack, 'Alarms', { endpoint }).alarms);
  has(stack, 'AWS::SageMaker::Endpoint', { DeploymentConfig: { AutoRollbackConfiguration: { Alarms: [Match.anyValue(), Match.anyValue()] } } });
  expect(() => Template.fromStack(stack)).not.toThrow(); // no alarm waits for its endpoint
});

test.each<[string, Partial<EndpointAlarmsProps>, string]>([
  ['the share of errors is more than everything', { serverErrorPercent: 101 }, 'serverErrorPercent must be 0 to 100, got 101'],
  ['the share of 4xx is negative', { clientErrorPercent: -1 }, 'clientErrorPercent must be 0 to 100, got -1'],
  ['the memory is none', { memoryPercent: 0 }, 'memoryPercent must be more than 0, up to 100, got 0'],
  ['the latency is none', { modelLatencyMillis: 0 }, 'modelLatencyMillis must be more than 0, up to'],
  ['the processors are more than all', { instanceType: EndpointInstanceType.M5_LARGE, cpuPercent: 101 }, 'cpuPercent must be more than 0, up to 100, got 101'],
  ['the type of the instances is not there', { cpuPercent: 70 }, 'cpuPercent needs an instanceType whose vCPUs are known, since the metric sums over vCPUs, got none'],
  ['the vCPUs are not known', { cpuPercent: 70, instanceType: EndpointInstanceType.of('ml.x9.large') }, 'got ml.x9.large: give vcpus to EndpointInstanceType.of'],
  ['minutes are no whole number', { minutes: 0.5 }, 'minutes must be a whole number, 1 to 1440, got 0.5'],
  ['a limit is a token', { memoryPercent: Token.asNumber(Fn.importValue('limit')) }, 'memoryPercent must be known at synth'],
  ['the variant has no name that can be', { variantName: '-' }, 'Demo/Alarms: variantName must be letters, digits and hyphens'],
])('fail when %s', (_, props, message) => {
  expect(() => alarmsIn(stackIn(), props)).toThrow(message);
});
