import { aws_iot as iot, Stack, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { isSamePlace } from '../../private/physical-names';
import { ValidationError } from '../../private/validation';

/** Deployment deletions that an account may have in progress. */
const MOST_DELETIONS = 10;

interface Deployment {
  readonly scope: Construct;
  readonly group: iot.IThingGroupRef;
  readonly target: string;
  readonly resource: Construct;
}

/** The deployments of a stack, in the order in which they are made. */
export class StackDeployments extends Construct {
  public static of(scope: Construct): StackDeployments {
    const stack = Stack.of(scope);
    const uid = 'cdk-sagemaker-edge.Deployments';
    return stack.node.tryFindChild(uid) as StackDeployments | undefined ?? new StackDeployments(stack, uid);
  }

  private readonly deployments: Deployment[] = [];

  private constructor(scope: Construct, id: string) {
    super(scope, id);
  }

  /**
   * Adds the deployment of `scope` to a thing group, and keeps the number of deployments that CloudFormation deletes at
   * once within the limit. Throws where another deployment of the app has the same target: the second revision would
   * silently replace the first, and uninstall what it lacks.
   */
  public add(scope: Construct, group: iot.IThingGroupRef, resource: Construct): void {
    const target = targetName(group);
    const everywhere = this.node.root.node.findAll().flatMap((node) => node instanceof StackDeployments ? node.deployments : []);
    const other = everywhere.find((deployment) => deployment.target === target && isSamePlace(deployment.group, group));
    if (other) {
      throw new ValidationError(
        scope,
        `a thing group must have one deployment, since a second one replaces it, got another one: ${other.scope.node.path}; `
        + 'add the components to that, or give the fleet of another stage another name',
      );
    }
    const before = this.deployments.at(-MOST_DELETIONS);
    if (before) {
      resource.node.addDependency(before.resource);
    }
    this.deployments.push({ scope, group, target, resource });
  }
}

/** The name of the group where it is known at synth, or else the construct. */
function targetName(group: iot.IThingGroupRef): string {
  const resource = iot.CfnThingGroup.isCfnThingGroup(group) ? group : group.node.defaultChild;
  const name = iot.CfnThingGroup.isCfnThingGroup(resource) ? resource.thingGroupName : group.thingGroupRef.thingGroupName;
  return name === undefined || Token.isUnresolved(name) ? group.node.path : name;
}
