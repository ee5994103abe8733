import type {
  CredentialEndpointType, DeviceCertificateType, DeviceKeyType, ThingTypeMembershipType,
} from '../../lib/identity/private/contract';
import type { IsCompleteResult } from '../shared/events';
import { whileRightsSpread } from '../shared/rights';
import type { Clients } from './clients';
import { CredentialEndpoint } from './credential-endpoint';
import { DeviceCertificate } from './device-certificate';
import { DeviceKey } from './device-key';
import type { Answer, Event, ResourceHandler, Started } from './events';
import { ThingTypeMembership } from './thing-type-membership';

type ResourceType = ThingTypeMembershipType | DeviceKeyType | DeviceCertificateType | CredentialEndpointType;

/** IoT needs seconds to detach; the provider's own timeout of 15 minutes has no message that helps. */
const PATIENCE = 10 * 60_000;
/** What CloudFormation has cancelled may be at work until this function's timeout, and half a minute to get there. */
const SETTLE = 150_000;

/** Serves onEvent and isComplete of every identity resource. */
export class IdentityHandler {
  private readonly handlers: Readonly<Record<ResourceType, ResourceHandler>>;

  public constructor(clients: Clients, private readonly now: () => number = Date.now) {
    this.handlers = {
      'Custom::SageMakerEdge-ThingTypeMembership': new ThingTypeMembership(clients.iot),
      'Custom::SageMakerEdge-DeviceKey': new DeviceKey(clients.secrets),
      'Custom::SageMakerEdge-DeviceCertificate': new DeviceCertificate(clients, now),
      'Custom::SageMakerEdge-CredentialEndpoint': new CredentialEndpoint(clients.iot),
    };
  }

  public async handle(event: Event): Promise<Answer> {
    const handler = this.find(event.ResourceType);
    return event.Since === undefined ? this.onEvent(event, handler) : whileRightsSpread(this.now() - event.Since, () => this.isComplete(event, handler));
  }

  private async onEvent(event: Event, handler: ResourceHandler): Promise<Started> {
    const { PhysicalResourceId: given, LogicalResourceId: logicalId } = event;
    const own = handler.id(event.ResourceProperties);
    const settle = await this.overtakes(event, handler) ? { SettleUntil: this.now() + SETTLE } : {};
    if (event.RequestType !== 'Delete') { return { PhysicalResourceId: own, Since: this.now(), ...settle }; }
    if (given === undefined) { throw new Error(`Delete of ${logicalId} without a PhysicalResourceId`); }
    return { PhysicalResourceId: given, Since: this.now(), GiveUpAt: this.now() + PATIENCE, ...settle };
  }

  private async isComplete(event: Event, handler: ResourceHandler): Promise<IsCompleteResult> {
    const { ResourceProperties: properties, SettleUntil: settleUntil = 0, GiveUpAt: giveUpAt = 0 } = event;
    if (event.RequestType === 'Delete') { return { IsComplete: await handler.remove(properties, giveUpAt) && this.now() >= settleUntil }; }
    const data = await handler.apply(properties);
    return this.now() < settleUntil ? { IsComplete: false } : { IsComplete: true, Data: data };
  }

  /** Whether an event that CloudFormation has cancelled may be at work still. */
  private async overtakes(event: Event, handler: ResourceHandler): Promise<boolean> {
    const { ResourceProperties: properties, OldResourceProperties: old } = event;
    const { overtaking } = handler;
    if (overtaking === undefined || event.RequestType === 'Create') { return false; }
    if (event.RequestType === 'Delete') { return event.PhysicalResourceId !== handler.id(properties); } // CloudFormation invents one for a create that it cancelled
    return old !== undefined && await overtaking.isDone(properties, old);
  }

  private find(resourceType: string): ResourceHandler {
    if (!this.isKnown(resourceType)) { throw new Error(`no handler for resource type ${resourceType}`); }
    return this.handlers[resourceType];
  }

  private isKnown(resourceType: string): resourceType is ResourceType {
    return Object.hasOwn(this.handlers, resourceType);
  }
}
