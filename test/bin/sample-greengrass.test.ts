import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { buildSampleApp } from '../../bin/sample-app';

function sample(given: Record<string, string> = {}): Template {
  const context = { delivery: 'greengrass', ...given };
  return Template.fromStack(buildSampleApp(new App({ context })));
}

let template: Template;
beforeAll(() => {
  template = sample();
});

describe('the sample with delivery=greengrass', () => {
  test('lets a canary fleet wait, and its other deployment not', () => {
    const rollouts = Object.values(template.findResources('Custom::SageMakerEdge-FleetRollout'));
    const waits = rollouts.map(({ Properties }) => (Properties as { WaitSeconds: string }).WaitSeconds);
    expect(waits.sort()).toEqual(['0', '1200']);
  });

  test('deploys to the fleet after the canary has it', () => {
    template.hasResource(
      'AWS::GreengrassV2::Deployment',
      { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^CanaryDeploymentRollout')]) },
    );
  });

  test('deploys to the canary after its machine is there', () => {
    template.hasResource('AWS::GreengrassV2::Deployment', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^SimulatedInstance')]) });
  });

  test('names one thing group after the fleet, and one after its canary', () => {
    for (const ThingGroupName of ['line', 'line-canary']) {
      sample({ fleetName: 'line' }).hasResourceProperties('AWS::IoT::ThingGroup', { ThingGroupName });
    }
  });

  test('retains nothing', () => {
    const resources = template.toJSON().Resources as Record<string, { Type: string; DeletionPolicy?: string }>;
    const retained = Object.values(resources).filter(({ DeletionPolicy: policy }) => policy?.startsWith('Retain'));
    expect(retained).toEqual([]);
  });

  test.each([
    ['LINUX/X86_64', 'amd64', 't3.small'],
    ['LINUX/ARM64', 'aarch64', 't4g.small'],
  ])('with target %s the agent is for %s, and the machine a %s', (target, architecture, InstanceType) => {
    const made = sample({ target });
    made.hasResourceProperties('AWS::EC2::Instance', { InstanceType });
    expect(JSON.stringify(made.findResources('AWS::GreengrassV2::ComponentVersion'))).toContain(`agent-${architecture}.zip`);
  });

  test('says what the devices run', () => {
    const components = ['EdgeSample.Model', 'EdgeSample.Agent', 'EdgeSample.Agent.runtime'];
    const versions = components.map((component) => String.raw`${component.replaceAll('.', String.raw`\.`)}:1\.\d{1,4}\.\d{1,6}`).join(' ');
    template.hasOutput('Components', {
      Value: Match.stringLikeRegexp(String.raw`^${versions} aws\.greengrass\.TokenExchangeService:`),
    });
  });

  test('fits into a stack with the most devices', () => {
    expect(() => sample({ deviceCount: '34' })).not.toThrow();
  });

  test.each([
    ['target', 'jetson_xavier', /target must be LINUX\/X86_64 or LINUX\/ARM64 with delivery=greengrass.*got 'jetson_xavier'/],
    ['target', 'LINUX/Z80', /target has an unknown architecture/],
    ['deviceCount', '35', /deviceCount must be a whole number from 1 to 34, got '35'/],
  ])('fails when %s is %s', (key, value, message) => {
    expect(() => sample({ [key]: value })).toThrow(message);
  });
});
