import { ArnFormat, aws_iam as iam, Duration, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { HandlerProvider } from '../../private/handler-provider';
import { inStack } from '../../private/in-stack';
import { acknowledgeWildcards } from '../../private/nag/acknowledge';

/** The longest that devices are waited for. The handler's limit of all polls is behind it: a rollout's own words say more. */
export const MAX_WAIT = Duration.minutes(55);

/** The one provider of a stack for Greengrass. */
export class GreengrassProvider extends HandlerProvider {
  public static getOrCreate(scope: Construct): GreengrassProvider {
    return inStack(scope, 'cdk-sagemaker-edge.GreengrassProvider', (stack, uid) => new GreengrassProvider(stack, uid));
  }

  /** CloudFormation's own longest. */
  public readonly serviceTimeout = Duration.hours(1);

  private constructor(scope: Construct, id: string) {
    super(scope, id, {
      handler: 'greengrass',
      purpose: 'Greengrass',
      description: 'component artifacts, thing group memberships, fleet rollouts',
      adviceOnLimit: 'each component, deployment, and device with a name that does not begin with its fleet\'s and a hyphen adds to it: '
        + 'put some of them into another stack, whose handler has a role of its own',
    });
  }

  /** Grants rights of which no part names a deployment, in one policy for all: a copy in each would fill the role with nine deployments. */
  public grantRollouts(): iam.Policy {
    const jobs = Stack.of(this).formatArn({ service: 'iot', resource: 'job', resourceName: '*' });
    const rights = this.grantOnce(this, 'RolloutRights',
      new iam.PolicyStatement({
        actions: ['greengrass:ListEffectiveDeployments', 'greengrass:GetCoreDevice'],
        resources: [this.arnOfAll('coreDevices')], // the devices that are in the group by then
      }),
      new iam.PolicyStatement({
        actions: ['greengrass:GetDeployment', 'greengrass:CancelDeployment', 'greengrass:DeleteDeployment', 'greengrass:TagResource'],
        resources: [this.arnOfAll('deployments')], // Greengrass chooses the ids
      }),
      new iam.PolicyStatement({
        actions: ['greengrass:CreateDeployment', 'greengrass:ListDeployments'],
        resources: ['*'], // these actions have no resource; what a deployment does to a group is limited by iot:CreateJob
      }),
      new iam.PolicyStatement({
        actions: ['iot:CreateJob', 'iot:DescribeJob', 'iot:UpdateJob', 'iot:CancelJob', 'iot:DeleteJob'],
        // Greengrass makes, changes and deletes the job of a deployment with the caller's rights, and chooses its id.
        resources: [jobs],
      }),
    );
    acknowledgeWildcards(rights, 'the core devices that are in the thing group at that time, whatever their names', this.arnOfAll('coreDevices'));
    acknowledgeWildcards(rights, 'Greengrass chooses the IDs of deployments and of their jobs', this.arnOfAll('deployments'), jobs);
    acknowledgeWildcards(rights, 'greengrass:CreateDeployment and ListDeployments have no resource: iot:CreateJob names the thing group', '*');
    return rights;
  }

  private arnOfAll(resource: string): string {
    return Stack.of(this).formatArn({ service: 'greengrass', resource, resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME });
  }
}
