import { App } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { buildSampleApp } from '../../bin/sample-app';

const sample = (context: Record<string, string> = {}): Template => Template.fromStack(buildSampleApp(new App({ context: { delivery: 'greengrass', ...context } })));
let template: Template;
beforeAll(() => { template = sample(); });

describe('the sample with delivery=greengrass', () => {
  test('lets a canary fleet wait, and its other deployment not', () => {
    const waits = Object.values(template.findResources('Custom::SageMakerEdge-FleetRollout')).map(({ Properties }) => (Properties as { WaitSeconds: string }).WaitSeconds);
    expect(waits.sort()).toEqual(['0', '1200']);
  });

  test('deploys to the fleet after the canary has it', () => {
    template.hasResource('AWS::GreengrassV2::Deployment', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^CanaryDeploymentRollout')]) });
  });

  test('deploys to the canary after its machine is there', () => {
    template.hasResource('AWS::GreengrassV2::Deployment', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^SimulatedInstance')]) });
  });

  test('names one thing group after the fleet, and one after its canary', () => {
    for (const ThingGroupName of ['line', 'line-canary']) { sample({ fleetName: 'line' }).hasResourceProperties('AWS::IoT::ThingGroup', { ThingGroupName }); }
  });

  test('retains nothing', () => {
    expect(Object.values(template.toJSON().Resources as Record<string, { Type: string; DeletionPolicy?: string }>).filter(({ DeletionPolicy: policy }) => policy === 'Retain' || policy === 'RetainExceptOnCreate')).toEqual([]);
  });

  test.each([['LINUX/X86_64', 'amd64', 't3.small'], ['LINUX/ARM64', 'aarch64', 't4g.small']])('with target %s the agent is for %s, and the machine a %s', (target, architecture, InstanceType) => {
    const made = sample({ target });
    made.hasResourceProperties('AWS::EC2::Instance', { InstanceType });
    expect(JSON.stringify(made.findResources('AWS::GreengrassV2::ComponentVersion'))).toContain(`agent-${architecture}.zip`);
  });

  test('says what the devices run', () => {
    template.hasOutput('Components', { Value: Match.stringLikeRegexp(String.raw`^EdgeSample\.Model:1\.0\.\d+ EdgeSample\.Agent:1\.0\.\d+ EdgeSample\.Agent\.runtime:1\.0\.\d+ aws\.greengrass\.TokenExchangeService:`) });
  });

  test('fits into a stack with the most devices', () => {
    expect(() => sample({ deviceCount: '35' })).not.toThrow();
  });

  test.each([
    ['target', 'jetson_xavier', /target must be LINUX\/X86_64 or LINUX\/ARM64 with delivery=greengrass.*got 'jetson_xavier'/],
    ['target', 'LINUX/Z80', /target has an unknown architecture/],
    ['deviceCount', '36', /deviceCount must be a whole number from 1 to 35, got '36'/],
  ])('fails when %s is %s', (key, value, message) => {
    expect(() => sample({ [key]: value })).toThrow(message);
  });
});
