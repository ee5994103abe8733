import { RemovalPolicy, Token, type aws_ec2 as ec2 } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { validateInteger, ValidationError } from '../../private/validation';
import type { HandlerOptions } from '../handler-settings';

const LOG_POLICIES: readonly unknown[] = [RemovalPolicy.DESTROY, RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE];

/** Throws where no function could be made so. */
export function checkOptions(scope: IConstruct, options: HandlerOptions): void {
  validateInteger(scope, 'memorySize', options.memorySize, 128, 10_240);
  validateInteger(scope, 'reservedConcurrentExecutions', options.reservedConcurrentExecutions, 1, Number.MAX_SAFE_INTEGER);
  const { logRemovalPolicy, vpc, vpcSubnets, securityGroups } = options;
  if (logRemovalPolicy !== undefined && !Token.isUnresolved(logRemovalPolicy) && !LOG_POLICIES.includes(logRemovalPolicy)) {
    throw new ValidationError(scope, `logRemovalPolicy must be DESTROY, RETAIN or RETAIN_ON_UPDATE_OR_DELETE, got '${logRemovalPolicy}'`);
  }
  if (vpc !== undefined) {
    chooseSubnets(scope, vpc, vpcSubnets);
  } else if (vpcSubnets !== undefined || securityGroups !== undefined) {
    throw new ValidationError(scope, `${vpcSubnets ? 'vpcSubnets' : 'securityGroups'} need a vpc, got none`);
  }
  if (securityGroups?.length === 0) {
    throw new ValidationError(scope, 'securityGroups must be at least one, got none: leave them out for a new one');
  }
}

/** Private subnets, or else isolated ones. */
export function chooseSubnets(scope: IConstruct, vpc: ec2.IVpc, given: ec2.SubnetSelection | undefined): ec2.SelectedSubnets {
  if (given === undefined && vpc.privateSubnets.length === 0 && vpc.isolatedSubnets.length === 0) {
    throw new ValidationError(
      scope,
      'vpc of handlers must have private or isolated subnets, got public ones alone: a function has no public address, '
      + 'so that it reaches no API of AWS from a public subnet',
    );
  }
  const selected = vpc.selectSubnets(given);
  if (selected.hasPublic) {
    throw new ValidationError(
      scope, 'vpcSubnets of handlers must be private or isolated, got public ones: a function has no public address, '
        + 'so that it reaches no API of AWS from there',
    );
  }
  return selected;
}
