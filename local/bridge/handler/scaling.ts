import {
  ApplicationAutoScalingClient, DeleteScalingPolicyCommand, DeregisterScalableTargetCommand, PutScalingPolicyCommand,
  RegisterScalableTargetCommand, type PutScalingPolicyCommandInput, type RegisterScalableTargetCommandInput, type ScalableDimension,
  type ServiceNamespace,
} from '@aws-sdk/client-application-auto-scaling';
import { ignoring, optionalText, text, type Identity, type Outcome, type Properties, type ResourceHandler } from './resource';
import { TypedInput, without } from './typed';

const SERVICE = 'Application Auto Scaling';
const NOT_FOUND = 'ObjectNotFoundException';

interface Target { readonly ResourceId: string; readonly ScalableDimension: ScalableDimension; readonly ServiceNamespace: ServiceNamespace }

/** AWS::ApplicationAutoScaling::ScalableTarget. `Ref` is `<resource id>|<dimension>|<namespace>`. */
export class ScalableTargetHandler implements ResourceHandler {
  private readonly scaling = new ApplicationAutoScalingClient();

  public async create(properties: Properties): Promise<Outcome> {
    const input = new TypedInput<RegisterScalableTargetCommandInput>(SERVICE, 'RegisterScalableTarget').of(without(properties, 'ScheduledActions'));
    await this.scaling.send(new RegisterScalableTargetCommand(input));
    const physicalId = ['ResourceId', 'ScalableDimension', 'ServiceNamespace'].map((name) => text(properties, name)).join('|');
    return { physicalId, attributes: { Id: physicalId } };
  }

  public async update(_physicalId: string, properties: Properties): Promise<Outcome> {
    return this.create(properties); // registering again changes what is there; another id is another target
  }

  public async delete(physicalId: string): Promise<void> {
    await ignoring(NOT_FOUND, async () => this.scaling.send(new DeregisterScalableTargetCommand(targetOf(physicalId))));
  }
}

/** AWS::ApplicationAutoScaling::ScalingPolicy. `Ref` is its ARN. */
export class ScalingPolicyHandler implements ResourceHandler {
  private readonly scaling = new ApplicationAutoScalingClient();

  public async create(properties: Properties, { logicalId }: Identity): Promise<Outcome> {
    const { ScalingTargetId } = properties;
    const target = typeof ScalingTargetId === 'string' ? targetOf(ScalingTargetId) : {};
    const PolicyName = optionalText(properties, 'PolicyName') ?? logicalId;
    const given = { ...without(properties, 'ScalingTargetId'), ...target, PolicyName };
    const input = new TypedInput<PutScalingPolicyCommandInput>(SERVICE, 'PutScalingPolicy').of(given);
    const { PolicyARN = '' } = await this.scaling.send(new PutScalingPolicyCommand(input));
    return { physicalId: PolicyARN, attributes: { Arn: PolicyARN, PolicyName } };
  }

  public async update(_physicalId: string, properties: Properties, _old: Properties, identity: Identity): Promise<Outcome> {
    return this.create(properties, identity);
  }

  public async delete(physicalId: string, properties: Properties): Promise<void> {
    const target = typeof properties.ScalingTargetId === 'string' ? targetOf(properties.ScalingTargetId) : {
      ResourceId: text(properties, 'ResourceId'),
      ScalableDimension: text(properties, 'ScalableDimension') as ScalableDimension,
      ServiceNamespace: text(properties, 'ServiceNamespace') as ServiceNamespace,
    };
    const PolicyName = physicalId.slice(physicalId.indexOf(':policyName/') + ':policyName/'.length);
    await ignoring(NOT_FOUND, async () => this.scaling.send(new DeleteScalingPolicyCommand({ ...target, PolicyName })));
  }
}

function targetOf(id: string): Target {
  const [ResourceId = '', dimension, namespace] = id.split('|');
  return { ResourceId, ScalableDimension: dimension as ScalableDimension, ServiceNamespace: namespace as ServiceNamespace };
}
