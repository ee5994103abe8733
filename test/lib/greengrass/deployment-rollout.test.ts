import type { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  DeploymentRollout, FleetDeployment, GreengrassComponent, GreengrassFleet, RateIncrease,
  type ExponentialRollout, type FleetDeploymentProps,
} from '../../../lib';
import { newStack } from './fixture';

let stack: Stack;
beforeEach(() => {
  stack = newStack();
});

/** The job configuration of a deployment with these properties. */
function job(props: Partial<FleetDeploymentProps>): unknown {
  const fleet = GreengrassFleet.fromGreengrassFleetAttributes(stack, 'Fleet', { fleetName: 'fleet' });
  const component = GreengrassComponent.fromComponentVersion(stack, 'App', 'com.example.app', '1.0.0');
  new FleetDeployment(stack, 'Deployment', { fleet, components: [component], ...props });
  const [resource] = Object.values(Template.fromStack(stack).findResources('AWS::GreengrassV2::Deployment'));
  return (resource as { Properties: { IotJobConfiguration?: unknown } }).Properties.IotJobConfiguration;
}

const exponential = (options: Partial<ExponentialRollout>): DeploymentRollout => DeploymentRollout.exponential({
  baseRatePerMinute: 1, incrementFactor: 2, increase: RateIncrease.afterNotified(1), ...options,
});

describe('a rollout', () => {
  test('that is linear has a rate', () => {
    expect(job({ rollout: DeploymentRollout.linear(20) })).toEqual({ JobExecutionsRolloutConfig: { MaximumPerMinute: 20 } });
  });

  test('of all devices at once has no rate', () => {
    expect(job({ rollout: DeploymentRollout.allAtOnce() })).toBeUndefined();
  });

  test('can grow by the number of devices that were notified', () => {
    const rollout = exponential({ baseRatePerMinute: 5, increase: RateIncrease.afterNotified(7) });
    expect(JSON.stringify(job({ rollout }))).toContain('"RateIncreaseCriteria":{"NumberOfNotifiedThings":7}');
  });

  test.each<[string, Partial<FleetDeploymentProps>, RegExp]>([
    [
      'a linear rate is too high', { rollout: DeploymentRollout.linear(1001) },
      /devices a minute of a linear rollout must be a whole number from 1 to 1000, got 1001/,
    ],
    [
      'a base rate is above the highest', { rollout: exponential({ baseRatePerMinute: 20, maximumPerMinute: 10 }) },
      /baseRatePerMinute must be at most maximumPerMinute, 10, got 20/,
    ],
    [
      'a base rate is too high', { rollout: exponential({ baseRatePerMinute: 2000 }) },
      /baseRatePerMinute must be a whole number from 1 to 1000/,
    ],
    ['the highest rate is 0', { rollout: exponential({ maximumPerMinute: 0 }) }, /maximumPerMinute must be a whole number from 1/],
    [
      'a factor has two decimals', { rollout: exponential({ incrementFactor: 1.55 }) },
      /incrementFactor must be more than 1 and at most 5, with at most one decimal, got 1\.55/,
    ],
    ['a factor does not grow', { rollout: exponential({ incrementFactor: 1 }) }, /incrementFactor must be more than 1/],
    [
      'no device makes the rate grow', { rollout: exponential({ increase: RateIncrease.afterNotified(0) }) },
      /number of devices of a rate increase must be a whole number from 1/,
    ],
    [
      'an abort share is no share', { abort: [{ thresholdPercentage: 101, minimumDevices: 1 }] },
      /thresholdPercentage must be from 0 to 100, with at most two decimals, got 101/,
    ],
    [
      'an abort needs no device', { abort: [{ thresholdPercentage: 5, minimumDevices: 0 }] },
      /minimumDevices of an abort criterion must be a whole number from 1/,
    ],
  ])('fails when %s', (_, props, message) => {
    expect(() => job(props)).toThrow(message);
  });
});
