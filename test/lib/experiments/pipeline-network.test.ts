import { aws_ec2 as ec2, type Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import type { ExperimentPipeline } from '../../../lib';
import { valueAt } from '../../../lib/private/objects';
import { SCRIPTS, stackWith, trialState } from './pipeline-stack';

const EVALUATION = { folder: SCRIPTS, entryPoint: 'evaluate.py', metrics: { score: '(.)' } };

function inVpc(groups?: readonly string[]): { stack: Stack; pipeline: ExperimentPipeline } {
  return stackWith((stack) => ({
    evaluation: EVALUATION,
    vpc: ec2.Vpc.fromVpcAttributes(stack, 'Vpc', { vpcId: 'vpc-1', availabilityZones: ['a', 'b'], privateSubnetIds: ['subnet-1', 'subnet-2'] }),
    securityGroups: groups?.map((id) => ec2.SecurityGroup.fromSecurityGroupId(stack, id, id)),
  }));
}

describe('the jobs of a pipeline with a VPC', () => {
  const config = { SecurityGroupIds: ['sg-1'], Subnets: ['subnet-1', 'subnet-2'] };

  test('are attached to its subnets, each kind as SageMaker\'s API says it, and not isolated', () => {
    const { stack } = inVpc(['sg-1']);
    const [process, train, evaluate] = ['Process', 'Train', 'Evaluate'].map((name) => valueAt(trialState(stack, name), '/Arguments'));
    expect(valueAt(process, '/NetworkConfig')).toEqual({ VpcConfig: config });
    expect(valueAt(evaluate, '/NetworkConfig')).toEqual({ VpcConfig: config });
    expect(valueAt(train, '/VpcConfig')).toEqual(config);
    expect(train).not.toHaveProperty('EnableNetworkIsolation');
  });

  test.each(['Processing', 'Training', 'Evaluation'])('have roles that may attach them: %s', (kind) => {
    const policies = Object.entries(Template.fromStack(inVpc(['sg-1']).stack).findResources('AWS::IAM::Policy'));
    const own = policies.filter(([id]) => id.startsWith(`Houses${kind}`)).map(([, policy]) => JSON.stringify(policy)).join('');
    expect(own).toContain('ec2:CreateNetworkInterface');
    expect(own).toContain(':security-group/sg-1');
  });

  test('have a security group of their own by default, which lets nothing in', () => {
    const { stack, pipeline } = inVpc();
    Template.fromStack(stack).resourceCountIs('AWS::EC2::SecurityGroup', 1);
    Template.fromStack(stack).resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    expect(pipeline.connections.securityGroups).toHaveLength(1);
  });
});

describe('a pipeline without a VPC', () => {
  test('has no network in its jobs, and no right on one', () => {
    const { stack } = stackWith({ evaluation: EVALUATION });
    expect(valueAt(trialState(stack, 'Process'), '/Arguments')).not.toHaveProperty('NetworkConfig');
    expect(JSON.stringify(Template.fromStack(stack).toJSON())).not.toContain('ec2:');
  });

  test('fails when its connections are read', () => {
    expect(() => stackWith().pipeline.connections).toThrow('connections are there only where vpc is given, got none');
  });

  test('fails when security groups are given', () => {
    expect(() => stackWith((stack) => ({ securityGroups: [ec2.SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1')] }))).toThrow(
      'securityGroups need a vpc, got none',
    );
  });
});
