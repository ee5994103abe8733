import { Arn, ArnFormat, aws_iam as iam, aws_lambda as lambda, Duration, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { BRIDGE_FUNCTION_NAME } from './template';
import { BRIDGE_MINUTES, BRIDGED_TYPES, type BridgeRight } from './types';

export interface BridgeStackProps extends StackProps {
  /** The folder of the handler's bundle. */
  readonly handler: string;
}

/** The function that stands for CloudFormation's own handlers of the bridged types, with just their rights. */
export class BridgeStack extends Stack {
  public constructor(scope: Construct, id: string, props: BridgeStackProps) {
    super(scope, id, props);
    const role = new iam.Role(this, 'Role', { assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com') });
    for (const right of BRIDGED_TYPES.flatMap(({ rights }) => rights)) {
      role.addToPolicy(this.statement(right));
    }
    const handler = new lambda.Function(this, 'Function', {
      functionName: BRIDGE_FUNCTION_NAME, role, code: lambda.Code.fromAsset(props.handler), handler: 'index.handler',
      runtime: lambda.Runtime.NODEJS_24_X, timeout: Duration.minutes(BRIDGE_MINUTES), memorySize: 512,
    });
    handler.node.addDependency(role);
  }

  private statement({ actions, resources, passedTo }: BridgeRight): iam.PolicyStatement {
    return new iam.PolicyStatement({
      actions: [...actions], resources: resources.map((resource) => this.arn(resource)),
      ...(passedTo ? { conditions: { StringEquals: { 'iam:PassedToService': passedTo } } } : {}),
    });
  }

  private arn(resource: string): string {
    if (resource === '*' || resource.startsWith('arn:')) {
      return resource;
    }
    const [, service = '', name = ''] = /^([^:]+):(.+)$/.exec(resource) ?? [];
    return Arn.format(
      { service, resource: name, arnFormat: ArnFormat.NO_RESOURCE_NAME, ...(service === 'iam' ? { region: '' } : {}) },
      this,
    );
  }
}
