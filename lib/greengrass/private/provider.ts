import { ArnFormat, aws_iam as iam, aws_lambda as lambda, aws_logs as logs, custom_resources as cr, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { handlerCode } from '../../private/handler-asset';
import { limitInlinePolicies } from '../../private/role-limit';

/** The longest that devices are waited for; the provider's own limit is behind it, so that our words come before the framework's. */
export const MAX_WAIT = Duration.minutes(55);

/**
 * The one provider of a stack for Greengrass. Its role starts with the right to write its log alone: each construct adds what it needs in a policy of
 * its own, and its custom resource depends on that policy, so that the resource's Delete comes while the right is still there.
 */
export class GreengrassProvider extends Construct {
  public static getOrCreate(scope: Construct): GreengrassProvider {
    const stack = Stack.of(scope);
    const uid = 'cdk-sagemaker-edge.GreengrassProvider'; // part of the upgrade contract: a new id replaces every custom resource
    return stack.node.tryFindChild(uid) as GreengrassProvider | undefined ?? new GreengrassProvider(stack, uid);
  }

  public readonly serviceToken: string;
  /** CloudFormation's own longest. */
  public readonly serviceTimeout = Duration.hours(1);
  private readonly role: iam.Role;
  private rollouts?: iam.Policy;

  private constructor(scope: Construct, id: string) {
    super(scope, id);
    const logGroup = new logs.LogGroup(this, 'Logs', { retention: logs.RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY });
    this.role = new iam.Role(this, 'Role', {
      assumedBy: new iam.ServicePrincipal('lambda.amazonaws.com'),
      description: 'Handler of cdk-sagemaker-edge for Greengrass',
    });
    logGroup.grantWrite(this.role);
    limitInlinePolicies(this.role, 'each component, deployment, and device with a name that does not begin with its fleet\'s and a hyphen adds to it: put some of them into another stack, whose handler has a role of its own');
    const handler = new lambda.Function(this, 'Handler', {
      code: handlerCode('greengrass'), handler: 'index.handler', runtime: lambda.Runtime.NODEJS_24_X,
      role: this.role, logGroup, memorySize: 256, timeout: Duration.minutes(10), // S3 copies an object of 5 GB within the call
      description: 'cdk-sagemaker-edge: component artifacts, thing group memberships, fleet rollouts',
    });
    const provider = new cr.Provider(this, 'Provider', {
      onEventHandler: handler, isCompleteHandler: handler, totalTimeout: Duration.minutes(58), queryInterval: Duration.seconds(5), logGroup,
    });
    this.serviceToken = provider.serviceToken;
  }

  /** Rights in a policy of its own under `owner`. */
  public grant(owner: Construct, id: string, ...statements: iam.PolicyStatement[]): iam.Policy {
    return new iam.Policy(owner, id, { roles: [this.role], statements });
  }

  /** Rights of which no part names a deployment, in one policy for all: a copy in each would fill the role with nine deployments. */
  public grantRollouts(): iam.Policy {
    const arn = (resource: string): string => Stack.of(this).formatArn({ service: 'greengrass', resource, resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME });
    this.rollouts ??= this.grant(this, 'RolloutRights',
      new iam.PolicyStatement({
        actions: ['greengrass:ListEffectiveDeployments', 'greengrass:GetCoreDevice'],
        resources: [arn('coreDevices')], // the devices that are in the group by then
      }),
      new iam.PolicyStatement({
        actions: ['greengrass:GetDeployment', 'greengrass:CancelDeployment', 'greengrass:DeleteDeployment', 'greengrass:TagResource'],
        resources: [arn('deployments')], // Greengrass chooses the ids
      }),
      new iam.PolicyStatement({
        actions: ['greengrass:CreateDeployment', 'greengrass:ListDeployments'],
        resources: ['*'], // these actions have no resource; what a deployment does to a group is limited by iot:CreateJob
      }),
      new iam.PolicyStatement({
        actions: ['iot:CreateJob', 'iot:DescribeJob', 'iot:UpdateJob', 'iot:CancelJob', 'iot:DeleteJob'],
        // Greengrass makes, changes and deletes the job of a deployment with the caller's rights, and chooses its id.
        resources: [Stack.of(this).formatArn({ service: 'iot', resource: 'job', resourceName: '*' })],
      }),
    );
    return this.rollouts;
  }
}
