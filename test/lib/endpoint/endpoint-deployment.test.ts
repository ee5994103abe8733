import { aws_cloudwatch as cloudwatch, Duration, Fn, Stack, Token } from 'aws-cdk-lib';
import { Match } from 'aws-cdk-lib/assertions';
import { EndpointCapacity, EndpointDeployment, EndpointInstanceType, type RealTimeEndpoint } from '../../../lib';
import { endpointIn, has, stackIn, statementsWith, variant } from './endpoint-stack';

const percent = (value: number): EndpointCapacity => EndpointCapacity.percent(value);

function deployed(deployment: EndpointDeployment, instanceCount = 4): Stack {
  const stack = stackIn();
  endpointIn(stack, { deployment, variants: [variant({ instanceCount })] });
  return stack;
}

function alarmOf(endpoint: RealTimeEndpoint, id = 'Alarm'): cloudwatch.Alarm {
  return new cloudwatch.Alarm(Stack.of(endpoint), id, { metric: endpoint.metric5xx(), threshold: 1, evaluationPeriods: 1 });
}

describe('a deployment strategy', () => {
  test('is left to SageMaker by default', () => {
    const stack = stackIn();
    endpointIn(stack);
    has(stack, 'AWS::SageMaker::Endpoint', { DeploymentConfig: Match.absent() });
  });

  test('is all at once', () => {
    const options = { bakeTime: Duration.minutes(10), terminationWait: Duration.minutes(2), timeout: Duration.hours(1) };
    has(deployed(EndpointDeployment.allAtOnce(options)), 'AWS::SageMaker::Endpoint', {
      DeploymentConfig: {
        BlueGreenUpdatePolicy: {
          TrafficRoutingConfiguration: { Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 600, CanarySize: Match.absent() },
          TerminationWaitInSeconds: 120, MaximumExecutionTimeoutInSeconds: 3600,
        },
      },
    });
  });

  test('has a canary', () => {
    has(deployed(EndpointDeployment.canary(EndpointCapacity.instances(1))), 'AWS::SageMaker::Endpoint', {
      DeploymentConfig: {
        BlueGreenUpdatePolicy: {
          TrafficRoutingConfiguration: { Type: 'CANARY', WaitIntervalInSeconds: 300, CanarySize: { Type: 'INSTANCE_COUNT', Value: 1 } },
          TerminationWaitInSeconds: 0, MaximumExecutionTimeoutInSeconds: Match.absent(),
        },
      },
    });
  });

  test('is linear', () => {
    has(deployed(EndpointDeployment.linear(percent(25))), 'AWS::SageMaker::Endpoint', {
      DeploymentConfig: {
        BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { Type: 'LINEAR', LinearStepSize: { Type: 'CAPACITY_PERCENT', Value: 25 } } },
      },
    });
  });

  test('is rolling', () => {
    const options = { bakeTime: Duration.minutes(1), timeout: Duration.hours(8), rollbackBatchSize: percent(50) };
    has(deployed(EndpointDeployment.rolling(percent(5), options)), 'AWS::SageMaker::Endpoint', {
      DeploymentConfig: {
        BlueGreenUpdatePolicy: Match.absent(),
        RollingUpdatePolicy: {
          MaximumBatchSize: { Type: 'CAPACITY_PERCENT', Value: 5 }, RollbackMaximumBatchSize: { Type: 'CAPACITY_PERCENT', Value: 50 },
          WaitIntervalInSeconds: 60, MaximumExecutionTimeoutInSeconds: 28800,
        },
      },
    });
  });

  test('takes a size and numbers of instances that only the deployment knows', () => {
    const count = Token.asNumber(Fn.importValue('count'));
    has(deployed(EndpointDeployment.canary(EndpointCapacity.instances(count))), 'AWS::SageMaker::Endpoint', {
      DeploymentConfig: { BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { CanarySize: { Value: { 'Fn::ImportValue': 'count' } } } } },
    });
    expect(() => deployed(EndpointDeployment.canary(EndpointCapacity.instances(9)), count)).not.toThrow();
  });

  test.each<[string, EndpointDeployment, string]>([
    ['a canary is more than half', EndpointDeployment.canary(percent(51)), "size of the canary must be at most 50 % of a variant's instances, got 51 % where the variant 'AllTraffic' has 4"],
    ['a canary of instances is more than half', EndpointDeployment.canary(EndpointCapacity.instances(3)), 'got 3 instances where'],
    ['a linear step is too small', EndpointDeployment.linear(percent(9)), 'size of a linear step must be 10 to 50 %'],
    ['a linear step is too large', EndpointDeployment.linear(percent(51)), 'size of a linear step must be 10 to 50 %'],
    ['a batch is too small', EndpointDeployment.rolling(percent(4)), 'size of a rolling batch must be 5 to 50 %'],
    ['a batch is too large', EndpointDeployment.rolling(EndpointCapacity.instances(3)), 'size of a rolling batch must be 5 to 50 %'],
    ['bakeTime is too long', EndpointDeployment.allAtOnce({ bakeTime: Duration.seconds(3601) }), 'bakeTime must be a whole number of seconds from 0 to 3600, got'],
    ['terminationWait is too long', EndpointDeployment.allAtOnce({ terminationWait: Duration.hours(2) }), 'terminationWait must be a whole number of seconds from 0 to 3600'],
    ['timeout is too short', EndpointDeployment.allAtOnce({ timeout: Duration.minutes(9) }), 'timeout must be a whole number of seconds from 600 to 28800'],
    [
      'timeout is less than the waits', EndpointDeployment.allAtOnce({ timeout: Duration.minutes(20), bakeTime: Duration.minutes(15), terminationWait: Duration.minutes(5) }),
      'timeout must be more than all waits together, wanted more than 1200 seconds, got 1200',
    ],
    [
      'timeout is less than the waits of all steps', EndpointDeployment.linear(percent(10), { timeout: Duration.minutes(50) }),
      'wanted more than 3000 seconds, got 3000',
    ],
  ])('fails when %s', (_, deployment, message) => {
    expect(() => deployed(deployment)).toThrow(message);
  });

  test.each([0, 0.5, 101])('fails when a capacity is %d percent', (value) => {
    expect(() => percent(value)).toThrow(`a capacity must be a whole number, at least 1 and at most 100 percent, got ${value}`);
  });

  test('fails when a capacity has no instance', () => {
    expect(() => EndpointCapacity.instances(0)).toThrow('a capacity must be a whole number, at least 1, got 0');
  });

  test('fails when it is rolling and there are two variants', () => {
    const variants = [variant({ variantName: 'a' }), variant({ variantName: 'b' })];
    expect(() => endpointIn(stackIn(), { variants, deployment: EndpointDeployment.rolling(percent(50)) })).toThrow(
      'a rolling deployment is for an endpoint with one variant, got 2',
    );
  });

  test('fails when the instances are ml.inf1', () => {
    const variants = [variant({ instanceType: EndpointInstanceType.of('ml.inf1.xlarge') })];
    const deployment = EndpointDeployment.allAtOnce();
    expect(() => endpointIn(stackIn(), { variants, deployment })).toThrow('a deployment strategy is not for ml.inf1 instances');
    const endpoint = endpointIn(stackIn(), { variants });
    expect(() => {
      endpoint.addRollbackAlarms(alarmOf(endpoint));
    }).toThrow('a deployment strategy is not for ml.inf1 instances');
  });
});

describe('rollback alarms', () => {
  test('are watched for five minutes where nothing else is said', () => {
    const stack = stackIn();
    const endpoint = endpointIn(stack);
    endpoint.addRollbackAlarms(alarmOf(endpoint));
    has(stack, 'AWS::SageMaker::Endpoint', {
      DeploymentConfig: {
        AutoRollbackConfiguration: { Alarms: [{ AlarmName: { Ref: Match.stringLikeRegexp('^Alarm') } }] },
        BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 300 } },
      },
    });
  });

  test('are watched as the strategy says', () => {
    const stack = stackIn();
    const endpoint = endpointIn(stack, { deployment: EndpointDeployment.rolling(percent(50)) });
    endpoint.addRollbackAlarms(alarmOf(endpoint, 'A'), alarmOf(endpoint, 'B'));
    has(stack, 'AWS::SageMaker::Endpoint', {
      DeploymentConfig: {
        AutoRollbackConfiguration: { Alarms: [Match.anyValue(), Match.anyValue()] }, RollingUpdatePolicy: Match.anyValue(),
      },
    });
  });

  test('may be looked at by the role, and no other alarm', () => {
    const stack = stackIn();
    const endpoint = endpointIn(stack);
    endpoint.addRollbackAlarms(alarmOf(endpoint));
    expect(statementsWith(stack, 'cloudwatch:DescribeAlarms')).toMatchObject([
      { Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Alarm/), 'Arn'] } },
    ]);
  });

  test('fail when there are eleven', () => {
    const endpoint = endpointIn(stackIn());
    const alarms = Array.from({ length: 11 }, (_, at) => alarmOf(endpoint, `Alarm${at}`));
    expect(() => {
      endpoint.addRollbackAlarms(...alarms);
    }).toThrow('rollback alarms must be at most 10, got 11');
  });
});
