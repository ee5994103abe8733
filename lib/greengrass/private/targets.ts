import { aws_iot as iot, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { claim } from '../../private/physical-names';
import { ValidationError } from '../../private/validation';
import { inStack } from '../../private/in-stack';

/** Deployment deletions that an account may have in progress. */
const MOST_DELETIONS = 10;

/** The deployments of a stack, in the order in which they are made. */
export class StackDeployments extends Construct {
  public static of(scope: Construct): StackDeployments {
    return inStack(scope, 'cdk-sagemaker-edge.Deployments', (stack, uid) => new StackDeployments(stack, uid));
  }

  private readonly resources: Construct[] = [];

  private constructor(scope: Construct, id: string) {
    super(scope, id);
  }

  /**
   * Adds the deployment of `scope` to a thing group, and keeps the number of deployments that CloudFormation deletes at
   * once within the limit. Throws where another deployment of the app has the same target: the second revision would
   * silently replace the first, and uninstall what it lacks.
   */
  public add(scope: Construct, group: iot.IThingGroupRef, resource: Construct): void {
    const other = claim({ owner: scope, kind: 'deployment to a thing group', name: targetName(group), place: group });
    if (other) {
      throw new ValidationError(
        scope,
        `a thing group must have one deployment, since a second one replaces it, got another one: ${other.node.path}; `
        + 'add the components to that, or give the fleet of another stage another name',
      );
    }
    const before = this.resources.at(-MOST_DELETIONS);
    if (before) {
      resource.node.addDependency(before);
    }
    this.resources.push(resource);
  }
}

/** The name of the group where it is known at synth, or else the construct. */
function targetName(group: iot.IThingGroupRef): string {
  const resource = iot.CfnThingGroup.isCfnThingGroup(group) ? group : group.node.defaultChild;
  const name = iot.CfnThingGroup.isCfnThingGroup(resource) ? resource.thingGroupName : group.thingGroupRef.thingGroupName;
  return name === undefined || Token.isUnresolved(name) ? group.node.path : name;
}
