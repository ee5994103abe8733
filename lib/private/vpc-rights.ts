import { aws_iam as iam, aws_lambda as lambda, Lazy, Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { acknowledgeManagedPolicy } from './nag/acknowledge';
import { roleResource } from './trust';

/**
 * Gives the roles of all functions under `scope` the rights on network interfaces that Lambda needs in a VPC, where
 * somebody puts the functions into one. An Aspect does that late, and on the functions alone: they could not be created.
 */
export function followIntoVpc(scope: IConstruct): void {
  for (const node of scope.node.findAll()) {
    if (!(node instanceof lambda.Function) || node.role === undefined) {
      continue;
    }
    const { defaultChild } = node.node;
    const role = roleResource(node.role);
    if (role !== undefined && lambda.CfnFunction.isCfnFunction(defaultChild)) {
      grantInVpc(role, defaultChild);
    }
  }
}

function grantInVpc(role: iam.CfnRole, resource: lambda.CfnFunction): void {
  const others = role.managedPolicyArns;
  const policy = iam.ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaVPCAccessExecutionRole');
  const vpcAccess = policy.managedPolicyArn;
  acknowledgeManagedPolicy(role, 'a function in a VPC makes network interfaces, whose IDs EC2 chooses', policy);
  role.managedPolicyArns = Lazy.list({
    produce: () => {
      const own: unknown = Stack.of(role).resolve(others);
      const listed = Array.isArray(own) ? own.map((arn: unknown) => Token.asString(arn)) : [];
      return resource.vpcConfig === undefined ? listed : [...listed, vpcAccess];
    },
  }, { omitEmpty: true });
}
