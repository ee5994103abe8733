import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AgentConfig, MonitoredModel, type FleetHealthProps, type ModelMetricOptions } from '../../../lib';
import { parseSettings } from '../../../lambda/health/settings';
import { healthStack } from './health-stack';

/** What the aggregator is told, with each reference of the template as "name". */
function settingsOf(template: Template): ReturnType<typeof parseSettings> {
  const found: unknown = template.findResources('AWS::Lambda::Function', {
    Properties: { Description: 'cdk-sagemaker-edge: counts the reports of a fleet' },
  });
  const [, joined = '[]'] = /"HEALTH_SETTINGS":\{"Fn::Join":\["",(\[.*?\])\]\}/.exec(JSON.stringify(found)) ?? [];
  const parts: unknown = JSON.parse(joined);
  const texts = Array.isArray(parts) ? parts.map((part: unknown) => (typeof part === 'string' ? part : 'name')) : [];
  return parseSettings(texts.join(''));
}

test('a device may report for its own thing alone', () => {
  Template.fromStack(healthStack().stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [{
        Action: 'iot:Publish', Effect: 'Allow',
        Resource: { 'Fn::Join': ['', [
          'arn:', { Ref: 'AWS::Partition' }, ':iot:eu-west-1:111122223333:topic/$aws/rules/', { Ref: Match.stringLikeRegexp('^HealthIntakeRule') },
          '/health/${credentials-iot:ThingName}',
        ]] },
      }],
    },
  });
});

test('no device may write metrics', () => {
  const policies = Template.fromStack(healthStack().stack).findResources('AWS::IAM::Policy');
  const writers = Object.entries(policies).filter(([, policy]) => JSON.stringify(policy).includes('cloudwatch:PutMetricData'));
  expect(writers.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual(['HealthAggregatorRights', 'HealthCensusRights']);
  for (const [, policy] of writers) {
    expect(JSON.stringify(policy)).toContain('{"StringEqualsIfExists":{"cloudwatch:namespace":"EdgeFleet"}}');
  }
});

test('the rule takes what comes by Basic Ingest alone, as it came, and says of which thing it is', () => {
  const template = Template.fromStack(healthStack().stack);
  template.hasResourceProperties('AWS::IoT::TopicRule', {
    TopicRulePayload: {
      Sql: "SELECT topic(2) AS thing, timestamp() AS received, encode(*, 'base64') AS report",
      AwsIotSqlVersion: '2016-03-23',
      Actions: [{ Sqs: { QueueUrl: { Ref: Match.stringLikeRegexp('^HealthIntakeQueue') }, UseBase64: false } }],
      ErrorAction: { Sqs: { QueueUrl: { Ref: Match.stringLikeRegexp('^HealthIntakeDeadLetters') } } },
    },
  });
});

test('the aggregator takes up to 1,000 reports or a minute of them, and says which failed', () => {
  const template = Template.fromStack(healthStack().stack);
  template.hasResourceProperties('AWS::Lambda::EventSourceMapping', {
    BatchSize: 1000, MaximumBatchingWindowInSeconds: 60, FunctionResponseTypes: ['ReportBatchItemFailures'],
  });
  template.hasResourceProperties('AWS::SQS::Queue', { VisibilityTimeout: 420, RedrivePolicy: { maxReceiveCount: 30 }, SqsManagedSseEnabled: true });
});

test('reports that come faster are counted faster', () => {
  const { stack } = healthStack({ reportPeriod: Duration.seconds(10), silentAfter: Duration.seconds(60) });
  const template = Template.fromStack(stack);
  template.hasResourceProperties('AWS::Lambda::EventSourceMapping', { MaximumBatchingWindowInSeconds: 10 });
  template.hasResourceProperties('AWS::Events::Rule', { ScheduleExpression: 'rate(1 minute)' });
});

test('the functions know the fleet, its models and its rings', () => {
  const models = [MonitoredModel.fromName('reader', '1.1', '1.0'), MonitoredModel.fromName('finder', '2')];
  const settings = settingsOf(Template.fromStack(healthStack({ models, rings: ['main', 'canary'], silentAfter: Duration.hours(2) }).stack));
  expect(settings).toMatchObject({
    fleetName: 'shop', rings: ['main', 'canary'], namespace: 'EdgeFleet', silentSeconds: 7200,
    models: [{ name: 'reader', version: '1.1' }, { name: 'reader', version: '1.0' }, { name: 'finder', version: '2' }],
  });
});

test('the history is lines of JSON by hour, for 90 days', () => {
  const template = Template.fromStack(healthStack().stack);
  template.hasResourceProperties('AWS::KinesisFirehose::DeliveryStream', {
    ExtendedS3DestinationConfiguration: { Prefix: 'reports/!{timestamp:yyyy/MM/dd/HH}/', CompressionFormat: 'GZIP' },
  });
  template.hasResourceProperties('AWS::S3::Bucket', { LifecycleConfiguration: { Rules: [{ ExpirationInDays: 90, Status: 'Enabled' }] } });
});

test('what is only for a time ends by itself', () => {
  Template.fromStack(healthStack().stack).allResourcesProperties('AWS::DynamoDB::Table', {
    TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true }, BillingMode: 'PAY_PER_REQUEST',
  });
});

test('the history outlives the stack by default, and nothing else does', () => {
  const template = Template.fromStack(healthStack({ removalPolicy: undefined }).stack);
  const retained = Object.values(template.toJSON().Resources as Record<string, { Type: string; DeletionPolicy?: string }>)
    .filter(({ DeletionPolicy }) => DeletionPolicy !== undefined && DeletionPolicy !== 'Delete');
  expect(retained.map(({ Type }) => Type)).toEqual(['AWS::S3::Bucket']);
});

test('an agent is configured to report', () => {
  const { health } = healthStack({ rings: ['main', 'canary'], reportPeriod: Duration.minutes(1) });
  expect(health.reporting('canary')).toMatchObject({ ruleName: health.ruleName, ring: 'canary' });
  expect(health.reporting().reportPeriod?.toSeconds()).toBe(60);
  expect(() => new AgentConfig({ health: health.reporting() })).not.toThrow();
});

test('fails when an agent is configured for a ring that is not there', () => {
  expect(() => healthStack().health.reporting('canary')).toThrow("Demo/Health: ring must be one of main, got 'canary'");
});

describe('metrics', () => {
  const models = [MonitoredModel.fromName('reader', '1.1', '1.0')];

  test('of a model are those of its newest version in the only ring', () => {
    const { stack, health } = healthStack({ models });
    expect(stack.resolve(health.metricLatency().toMetricConfig().metricStat)).toMatchObject({
      namespace: 'EdgeFleet', metricName: 'Latency', statistic: 'p99', period: Duration.minutes(5),
      dimensions: [{ name: 'FleetName', value: 'shop' }, { name: 'ModelName', value: 'reader' },
        { name: 'ModelVersion', value: '1.1' }, { name: 'Ring', value: 'main' }],
    });
    expect(health.metricPredictions({ modelVersion: '1.0', period: Duration.hours(1) }).toMetricConfig().metricStat).toMatchObject({
      metricName: 'Predictions', statistic: 'Sum', period: Duration.hours(1),
    });
    expect(health.metricPredictions({ modelVersion: '1.0' }).dimensions).toMatchObject({ ModelVersion: '1.0' });
    expect(health.metricErrors().metricName).toBe('Errors');
    expect(health.metricReports().metricName).toBe('Reports');
  });

  test('of errors are a share of all predictions', () => {
    const { metricName, statistic } = healthStack().health.metricErrorRate();
    expect([metricName, statistic]).toEqual(['Errors', 'Average']);
  });

  test('of the fleet have no other dimension', () => {
    const { health } = healthStack();
    const metrics = [
      health.metricDevicesReporting(), health.metricDevicesSilent(), health.metricSilentPercent(), health.metricCaptureBacklog(),
      health.metricMemory(), health.metricRejectedReports(),
    ];
    expect(metrics.map(({ metricName, statistic }) => [metricName, statistic])).toEqual([
      ['DevicesReporting', 'Maximum'], ['DevicesSilent', 'Maximum'], ['SilentPercent', 'Maximum'], ['CaptureBacklog', 'Average'],
      ['Memory', 'Average'], ['RejectedReports', 'Sum'],
    ]);
    expect(metrics.every(({ dimensions }) => JSON.stringify(dimensions) === '{"FleetName":"shop"}')).toBe(true);
    expect(health.metricDeadLetters().namespace).toBe('AWS/SQS');
  });

  test.each<[string, ModelMetricOptions, string]>([
    ['an unknown model', { modelName: 'x' }, "modelName must be one of reader, finder, got 'x'"],
    ['no model of several', {}, 'modelName must be one of reader, finder, got none'],
    ['an unknown version', { modelName: 'reader', modelVersion: '3' }, "modelVersion of 'reader' must be one of 1.1, got '3'"],
    ['no ring of several', { modelName: 'reader' }, 'ring must be one of a, b, got none'],
    ['an unknown ring', { modelName: 'reader', ring: 'c' }, "ring must be one of a, b, got 'c'"],
  ])('fail when they are of %s', (_, options, message) => {
    const { health } = healthStack({ models: [MonitoredModel.fromName('reader', '1.1'), MonitoredModel.fromName('finder', '1')], rings: ['a', 'b'] });
    expect(() => health.metricErrors(options)).toThrow(message);
  });
});

describe('fails when', () => {
  test.each<[string, () => Partial<FleetHealthProps>, string]>([
    ['the fleet has no name', () => ({ fleetName: 'a b' }), 'fleetName must be letters, digits and hyphens'],
    ['there is no model', () => ({ models: [] }), 'models must have at least one, got none'],
    ['a model is there twice', () => ({ models: [MonitoredModel.fromName('a', '1'), MonitoredModel.fromName('a', '2')] }), "models must have different names, got 'a' twice"],
    ['a model has no version', () => ({ models: [MonitoredModel.fromName('a')] }), "model 'a' must have at least one version, got none"],
    ['a version is there twice', () => ({ models: [MonitoredModel.fromName('a', '1', '1')] }), "the versions of model 'a' must be different, got '1' twice"],
    ['a version is none', () => ({ models: [MonitoredModel.fromName('a', '1-0')] }), "a version of model 'a' must be letters, digits, blanks, dots"],
    ['there is no ring', () => ({ rings: [] }), 'rings must be 1 to 5, got 0'],
    ['there are six rings', () => ({ rings: ['a', 'b', 'c', 'd', 'e', 'f'] }), 'rings must be 1 to 5, got 6'],
    ['a ring is there twice', () => ({ rings: ['a', 'a'] }), "rings must be different, got 'a' twice"],
    ['a ring is none', () => ({ rings: ['a b'] }), "rings must be 1 to 32 letters, digits, hyphens and underscores, got 'a b'"],
    ['reports are too frequent', () => ({ reportPeriod: Duration.seconds(1) }), 'reportPeriod in seconds must be a whole number from 5'],
    ['a device is silent before its next report', () => ({ silentAfter: Duration.minutes(9) }), 'silentAfter in seconds must be a whole number from 600 to 604800, got 540'],
    ['the history is kept for half a day', () => ({ historyExpiration: Duration.hours(12) }), 'historyExpiration in days must be a whole number from 1 to 3650, got 0.5'],
    ['the namespace is one of AWS', () => ({ metricNamespace: 'AWS/X' }), 'metricNamespace must be letters, digits'],
    ['there would be more than 500 metrics', () => ({
      models: [MonitoredModel.fromName('a', ...Array.from({ length: 61 }, (_, index) => `1.${index}`))],
    }), 'models and rings must make at most 500 custom metrics, got 502 of 61 versions in 1 rings'],
  ])('%s', (_, props, message) => {
    expect(() => healthStack(props())).toThrow(message);
  });
});
