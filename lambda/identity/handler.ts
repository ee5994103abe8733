import type {
  CredentialEndpointType, DeviceCertificateType, DeviceKeyType, ThingTypeMembershipType,
} from '../../lib/private/identity-contract';
import { serviceError } from '../shared/errors';
import type { IsCompleteResult } from '../shared/events';
import type { Clients } from './clients';
import { CredentialEndpoint } from './credential-endpoint';
import { DeviceCertificate } from './device-certificate';
import { DeviceKey } from './device-key';
import type { Answer, Event, Properties, ResourceHandler, Started } from './events';
import { STARTED } from './events';
import { ThingTypeMembership } from './thing-type-membership';

type ResourceType = ThingTypeMembershipType | DeviceKeyType | DeviceCertificateType | CredentialEndpointType;

/** A cancelled create may be at work until this function's timeout, and CloudFormation deletes it meanwhile under an id of its own. */
const SETTLE_INVENTED = 2 * 60_000;
/** A rollback's Update, and the one that it takes back, ride out the same throttling: their last attempts are this close together. */
const SETTLE_UPDATE = 30_000;

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
    return event[STARTED] ? this.isComplete(event, handler) : this.onEvent(event, handler);
  }

  private async onEvent(event: Event, handler: ResourceHandler): Promise<Started> {
    const { ResourceProperties: properties, PhysicalResourceId } = event;
    const id = handler.id(properties);
    switch (event.RequestType) {
      case 'Create': return { PhysicalResourceId: id, [STARTED]: true, ...await this.attempt(handler, properties) };
      case 'Update': return { PhysicalResourceId: id, [STARTED]: true, Data: await handler.apply(properties), ...this.settle(handler, SETTLE_UPDATE) };
      case 'Delete':
        if (PhysicalResourceId === undefined) { throw new Error(`Delete of ${event.LogicalResourceId} without a PhysicalResourceId`); }
        return { PhysicalResourceId, [STARTED]: true, ...await handler.remove(properties), ...(PhysicalResourceId === id ? {} : this.settle(handler, SETTLE_INVENTED)) };
    }
  }

  private async isComplete(event: Event, handler: ResourceHandler): Promise<IsCompleteResult> {
    const { ResourceProperties: properties, SettleUntil: settleUntil, Failure: failure } = event;
    if (failure !== undefined) { throw new Error(failure); }
    const isDelete = event.RequestType === 'Delete';
    if (settleUntil !== undefined) {
      if (this.now() < settleUntil) { return { IsComplete: false }; }
      await (isDelete ? handler.remove(properties) : handler.apply(properties));
    }
    return { IsComplete: !isDelete || await handler.isRemoved(properties, event.GiveUpAt ?? 0) };
  }

  private async attempt(handler: ResourceHandler, properties: Properties): Promise<Pick<Started, 'Data' | 'Failure'>> {
    try {
      return { Data: await handler.apply(properties) };
    } catch (error) {
      const { name, message } = serviceError(error);
      return { Failure: name === 'Error' ? message : `${name}: ${message}` };
    }
  }

  private settle(handler: ResourceHandler, ms: number): Pick<Started, 'SettleUntil'> {
    return handler.settles ? { SettleUntil: this.now() + ms } : {};
  }

  private find(resourceType: string): ResourceHandler {
    if (!this.isKnown(resourceType)) { throw new Error(`no handler for resource type ${resourceType}`); }
    return this.handlers[resourceType];
  }

  private isKnown(resourceType: string): resourceType is ResourceType {
    return Object.hasOwn(this.handlers, resourceType);
  }
}
