import { aws_ec2 as ec2, Token, type aws_sagemaker as sagemaker } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { hasListToken, LIST_TOKEN_ADVICE, ValidationError } from '../private/validation';

/** `Subnets` and `SecurityGroupIds` of SageMaker's API, for jobs and for models. */
const MAX_SUBNETS = 16;
const MAX_SECURITY_GROUPS = 5;

interface NetworkProps {
  readonly vpc?: ec2.IVpc;
  readonly vpcSubnets?: ec2.SubnetSelection;
  readonly securityGroups?: ec2.ISecurityGroup[];
}

/** Where the machines of a job or of an endpoint are attached; without a VPC, nothing. */
export interface Network {
  readonly subnetIds: readonly string[];
  readonly securityGroups: readonly ec2.ISecurityGroup[];
}

/** @param description of the security group that is made by default */
export function selectNetwork(scope: Construct, { securityGroups, vpc, vpcSubnets }: NetworkProps, description: string): Network {
  if (vpc === undefined) {
    for (const [name, value] of [['vpcSubnets', vpcSubnets], ['securityGroups', securityGroups]] as const) {
      if (value !== undefined) {
        throw new ValidationError(scope, `${name} need a vpc, got none`);
      }
    }
    return { subnetIds: [], securityGroups: [] };
  }
  const { subnetIds } = vpc.selectSubnets(vpcSubnets);
  if (hasListToken(subnetIds)) {
    throw new ValidationError(scope, `subnets of vpc ${LIST_TOKEN_ADVICE}`);
  }
  if (!Token.isUnresolved(subnetIds) && (subnetIds.length < 1 || subnetIds.length > MAX_SUBNETS)) {
    throw new ValidationError(scope, `subnets must be 1 to ${MAX_SUBNETS}, got ${subnetIds.length}`);
  }
  const groups = securityGroups ?? [new ec2.SecurityGroup(scope, 'SecurityGroup', { vpc, description })];
  if (groups.length < 1 || groups.length > MAX_SECURITY_GROUPS) {
    throw new ValidationError(scope, `securityGroups must be 1 to ${MAX_SECURITY_GROUPS}, got ${groups.length}`);
  }
  return { subnetIds, securityGroups: groups };
}

export function vpcConfig({ securityGroups, subnetIds }: Network): sagemaker.CfnModel.VpcConfigProperty | undefined {
  return securityGroups.length === 0 ? undefined : {
    subnets: [...subnetIds], securityGroupIds: securityGroups.map(({ securityGroupId }) => securityGroupId),
  };
}
