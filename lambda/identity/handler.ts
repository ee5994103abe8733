import type {
  CredentialEndpointType, DeviceCertificateType, DeviceKeyType, ThingTypeMembershipType,
} from '../../lib/private/identity-contract';
import type { IsCompleteResult } from '../shared/events';
import type { Clients } from './clients';
import { CredentialEndpoint } from './credential-endpoint';
import { DeviceCertificate } from './device-certificate';
import { DeviceKey } from './device-key';
import type { Answer, Event, ResourceHandler, Started } from './events';
import { STARTED } from './events';
import { ThingTypeMembership } from './thing-type-membership';

type ResourceType = ThingTypeMembershipType | DeviceKeyType | DeviceCertificateType | CredentialEndpointType;

/** Serves onEvent and isComplete of every identity resource. */
export class IdentityHandler {
  private readonly handlers: Readonly<Record<ResourceType, ResourceHandler>>;

  public constructor(clients: Clients, now: () => number = Date.now) {
    this.handlers = {
      'Custom::SageMakerEdge-ThingTypeMembership': new ThingTypeMembership(clients.iot),
      'Custom::SageMakerEdge-DeviceKey': new DeviceKey(clients.secrets),
      'Custom::SageMakerEdge-DeviceCertificate': new DeviceCertificate(clients, now),
      'Custom::SageMakerEdge-CredentialEndpoint': new CredentialEndpoint(clients.iot),
    };
  }

  public async handle(event: Event): Promise<Answer> {
    const handler = this.find(event.ResourceType);
    return event[STARTED] ? this.isComplete(event, handler) : this.onEvent(event, handler);
  }

  private async onEvent(event: Event, handler: ResourceHandler): Promise<Started> {
    if (event.RequestType !== 'Delete') { return { ...await handler.apply(event.ResourceProperties), [STARTED]: true }; }
    const { PhysicalResourceId } = event;
    if (PhysicalResourceId === undefined) { throw new Error(`Delete of ${event.LogicalResourceId} without a PhysicalResourceId`); }
    return { ...await handler.remove(event.ResourceProperties), PhysicalResourceId, [STARTED]: true };
  }

  private async isComplete(event: Event, handler: ResourceHandler): Promise<IsCompleteResult> {
    if (event.RequestType !== 'Delete') { return { IsComplete: true }; } // all of it was done at once
    return { IsComplete: await handler.isRemoved(event.ResourceProperties, event.GiveUpAt ?? 0) };
  }

  private find(resourceType: string): ResourceHandler {
    if (!this.isKnown(resourceType)) { throw new Error(`no handler for resource type ${resourceType}`); }
    return this.handlers[resourceType];
  }

  private isKnown(resourceType: string): resourceType is ResourceType {
    return Object.hasOwn(this.handlers, resourceType);
  }
}
