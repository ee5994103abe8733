import { aws_sns as sns, Duration, Lazy, Size } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { FleetAlarm, FleetAlarms, MonitoredModel, type FleetAlarmsProps, type FleetHealthProps } from '../../../lib';
import { healthStack } from './health-stack';

interface Made { readonly template: Template; readonly made: FleetAlarms }

function alarms(props: Partial<FleetAlarmsProps> = {}, ofHealth: Partial<FleetHealthProps> = {}): Made {
  const { stack, health } = healthStack(ofHealth);
  const made = new FleetAlarms(stack, 'Alarms', { health, ...props });
  return { template: Template.fromStack(stack), made };
}

const OTHERS = (kind: FleetAlarm): FleetAlarm[] => Object.values(FleetAlarm).filter((kind) => !kind.startsWith('Drift')).filter((each) => each !== kind);

test('silent devices have an alarm, also where nobody counts them', () => {
  alarms().template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    Namespace: 'EdgeFleet', MetricName: 'SilentPercent', Dimensions: [{ Name: 'FleetName', Value: 'shop' }], Statistic: 'Maximum', Threshold: 5,
    Period: 300, EvaluationPeriods: 2, TreatMissingData: 'breaching', ComparisonOperator: 'GreaterThanThreshold',
  });
});

test('errors have an alarm by their share of the predictions', () => {
  const { template } = alarms({ errorPercent: 2 });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'Errors', Statistic: 'Average', Threshold: 0.02, TreatMissingData: 'notBreaching',
    Dimensions: Match.arrayWith([{ Name: 'ModelVersion', Value: '1.1' }, { Name: 'Ring', Value: 'main' }]),
  });
});

test('each version in each ring has its own alarms', () => {
  const models = [MonitoredModel.fromName('reader', '1.1', '1.0'), MonitoredModel.fromName('finder', '2')];
  const { made } = alarms({ latencyP99Millis: 200 }, { models, rings: ['main', 'canary'] });
  const ids = made.alarms.map(({ node }) => node.id);
  expect(ids).toHaveLength(4 + 2 * 3 * 2);
  expect(ids).toEqual(expect.arrayContaining(['Errors-reader-1.1-canary', 'Latency-finder-2-main', 'Latency-reader-1.0-canary']));
});

test('the latency has an alarm on request', () => {
  alarms().template.resourcePropertiesCountIs('AWS::CloudWatch::Alarm', { MetricName: 'Latency' }, 0);
  alarms({ latencyP99Millis: 200 }).template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    MetricName: 'Latency', ExtendedStatistic: 'p99', Threshold: 200, TreatMissingData: 'notBreaching',
    Dimensions: Match.arrayWith([{ Name: 'ModelVersion', Value: '1.1' }, { Name: 'Ring', Value: 'main' }]),
  });
});

test('captures that pile up, rejected reports and dead letters have alarms', () => {
  const { template } = alarms({ captureBacklog: Size.mebibytes(1), rejectedReports: 0 });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'CaptureBacklog', Statistic: 'Average', Threshold: 2 ** 20 });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { MetricName: 'RejectedReports', Statistic: 'Sum', Threshold: 0 });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', { Namespace: 'AWS/SQS', MetricName: 'ApproximateNumberOfMessagesVisible', Threshold: 0 });
});

test.each(Object.values(FleetAlarm).filter((kind) => !kind.startsWith('Drift')))('%s can be left out, and the others stay', (kind) => {
  const all = alarms({ latencyP99Millis: 200 }).made.alarms.map(({ node }) => node.id);
  const kept = alarms({ latencyP99Millis: 200, without: [kind] }).made.alarms.map(({ node }) => node.id);
  expect(all.filter((id) => !kept.includes(id)).map((id) => id.split('-')[0])).toEqual([kind]);
});

test('a topic is told of the begin and the end of each', () => {
  const { stack, health } = healthStack();
  new FleetAlarms(stack, 'Alarms', { health, topic: new sns.Topic(stack, 'Topic') });
  const told = [{ Ref: Match.stringLikeRegexp('^Topic') }];
  Template.fromStack(stack).allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: told, OKActions: told });
});

test('values are taken over the report period where it is longer', () => {
  const ofHealth = { reportPeriod: Duration.minutes(20), silentAfter: Duration.hours(2) };
  alarms({ without: OTHERS(FleetAlarm.SILENT_DEVICES) }, ofHealth).template.hasResourceProperties('AWS::CloudWatch::Alarm', { Period: 1200 });
});

test.each([
  ['just under an hour, a day together', 59, 24],
  ['an hour, a week together', 60, 168],
  ['a day, a week together', 1440, 7],
])('periods may be %s', (_, minutes, periods) => {
  alarms({ period: Duration.minutes(minutes), periods }).template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    Period: 60 * minutes, EvaluationPeriods: periods,
  });
});

test('a fleet that reports once a day has alarms', () => {
  const ofHealth = { reportPeriod: Duration.days(1), silentAfter: Duration.days(2) };
  alarms({}, ofHealth).template.allResourcesProperties('AWS::CloudWatch::Alarm', { Period: 86_400, EvaluationPeriods: 2 });
});

describe('fails when', () => {
  test.each<[string, Partial<FleetAlarmsProps>, string]>([
    ['more devices than all may be silent', { silentPercent: 101 }, 'silentPercent must be 0 to 100, got 101'],
    ['the share of errors is not known', { errorPercent: Lazy.number({ produce: () => 1 }) }, 'errorPercent must be known at synth'],
    ['the share of errors is no number', { errorPercent: NaN }, 'errorPercent must be 0 to 100, got NaN'],
    ['devices do not count by this latency', { latencyP99Millis: 150 }, 'latencyP99Millis must be one of 2, 5, 10, 20, 35, 50, 75, 100, 200, 500, 2000, since devices count in these buckets, got 150'],
    ['less than no report is rejected', { rejectedReports: -1 }, 'rejectedReports must be a whole number from 0'],
    ['the period is shorter than that of reports', { period: Duration.minutes(1) }, 'period in minutes, not below the report period, must be a whole number from 5 to 1440, got 1'],
    ['there is no period', { periods: 0 }, 'periods, of 5 minutes each, must be a whole number from 1 to 288, got 0'],
    ['periods under an hour are more than a day together', { period: Duration.minutes(59), periods: 25 }, 'periods, of 59 minutes each, must be a whole number from 1 to 24, got 25'],
    ['periods of a day are more than a week together', { period: Duration.days(1), periods: 8 }, 'periods, of 1440 minutes each, must be a whole number from 1 to 7, got 8'],
  ])('%s', (_, props, message) => {
    expect(() => alarms(props)).toThrow(message);
  });
});
