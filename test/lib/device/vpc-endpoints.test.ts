import { aws_ec2 as ec2 } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { SimulatedDevice } from '../../../lib/device/simulated-device';
import { DeviceStack } from './device-stack';

let stack: DeviceStack;
beforeEach(() => {
  stack = new DeviceStack();
});

const isolated = (): ec2.Vpc => new ec2.Vpc(stack, 'Vpc', {
  natGateways: 0, maxAzs: 1, subnetConfiguration: [{ name: 'isolated', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
});

/** The names of the services of the endpoints, without region. */
function services(type: string): string[] {
  const endpoints = Template.fromStack(stack).findResources('AWS::EC2::VPCEndpoint', { Properties: { VpcEndpointType: type } });
  return Object.values(endpoints).map(({ Properties }) => {
    const { ServiceName } = Properties as { ServiceName: string | { 'Fn::Join': [string, unknown[]] } };
    const parts = typeof ServiceName === 'string' ? [ServiceName] : ServiceName['Fn::Join'][1];
    return parts.filter((part) => typeof part === 'string').join('').replace(/^com\.amazonaws\.\.?/, '');
  }).sort();
}

test('a machine in isolated subnets gets the endpoints of what it calls', () => {
  stack.simulated({ vpc: isolated(), vpcEndpoints: true });
  expect(services('Interface')).toEqual(['ec2messages', 'iot.credentials', 'secretsmanager', 'ssm', 'ssmmessages']);
  expect(services('Gateway')).toEqual(['s3']);
});

test('EC2 names all of them but the credential provider', () => {
  stack.simulated({ vpc: isolated(), vpcEndpoints: true });
  const named = Template.fromStack(stack).findResources('AWS::EC2::VPCEndpoint', { Properties: { PrivateDnsEnabled: true } });
  expect(Object.keys(named)).toHaveLength(4);
});

test('the one host of the credential provider has the address of its endpoint', () => {
  stack.simulated({ vpc: isolated(), vpcEndpoints: true });
  const template = Template.fromStack(stack);
  const host = { 'Fn::GetAtt': [Match.stringLikeRegexp('CredentialEndpoint'), 'EndpointAddress'] };
  template.hasResourceProperties('AWS::Route53::HostedZone', { Name: host, VPCs: [{ VPCId: { Ref: Match.anyValue() } }] });
  template.hasResourceProperties('AWS::Route53::RecordSet', { Name: host, Type: 'A', AliasTarget: { DNSName: { 'Fn::Select': [1, Match.anyValue()] } } });
});

test('the endpoints let the machine in, and nobody else', () => {
  stack.simulated({ vpc: isolated(), vpcEndpoints: true });
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 1);
  template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
    FromPort: 443, ToPort: 443, SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^SimulatedSecurityGroup'), 'GroupId'] },
  });
});

test('the machine starts when the endpoints are there', () => {
  stack.simulated({ vpc: isolated(), vpcEndpoints: true });
  Template.fromStack(stack).hasResource('AWS::EC2::Instance', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('EndpointsRecord|Endpoints.*Record')]) });
});

test('two machines share the endpoints', () => {
  const vpc = isolated();
  stack.simulated({ vpc, vpcEndpoints: true });
  new SimulatedDevice(stack, 'Second', { device: stack.device('Other'), agentRelease: stack.agentRelease, vpc, vpcEndpoints: true });
  Template.fromStack(stack).resourceCountIs('AWS::EC2::VPCEndpoint', 6);
  Template.fromStack(stack).resourceCountIs('AWS::EC2::SecurityGroupIngress', 2);
});

test('there are none by default', () => {
  stack.simulated({ vpc: isolated(), vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED } });
  Template.fromStack(stack).resourceCountIs('AWS::EC2::VPCEndpoint', 0);
});

test('fails without a VPC', () => {
  expect(() => stack.simulated({ vpcEndpoints: true })).toThrow('Demo/Simulated: vpcEndpoints needs a vpc, got none');
});

test('fails when the route tables of an imported VPC are not known', () => {
  const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Vpc', {
    vpcId: 'vpc-1', availabilityZones: ['eu-west-1a'], isolatedSubnetIds: ['subnet-1'],
  });
  expect(() => stack.simulated({ vpc, vpcEndpoints: true })).toThrow(
    /Demo\/Simulated: vpcEndpoints needs the route tables of the subnets, for the endpoint of S3, got a VPC without them/,
  );
});

test.each([
  ['that the VPC does not have', { subnetType: ec2.SubnetType.PUBLIC }],
  ['of a name that is not there', { subnetGroupName: 'nowhere' }],
  ['that a filter leaves none of', { subnetFilters: [ec2.SubnetFilter.byIds(['subnet-0'])] }],
])('fails in words of our own for subnets %s', (_, vpcSubnets) => {
  expect(() => stack.simulated({ vpc: isolated(), vpcSubnets })).toThrow(
    /Demo\/Simulated: vpcSubnets must select at least one subnet of the vpc, got none of its 0 public, 0 private and 1 isolated subnets/,
  );
});
