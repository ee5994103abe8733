import type {
  CredentialEndpointType, DeviceCertificateType, DeviceKeyType, ThingTypeMembershipType,
} from '../../lib/identity/private/contract';
import type { HandlerTable } from '../shared/resource-handler';
import { CredentialEndpoint } from './credential-endpoint';
import type { Dependencies } from './dependencies';
import { DeviceCertificate } from './device-certificate';
import { DeviceKey } from './device-key';
import { ThingTypeMembership } from './thing-type-membership';

type ResourceType = ThingTypeMembershipType | DeviceKeyType | DeviceCertificateType | CredentialEndpointType;

/** The custom resources that this function serves. */
export const RESOURCES: HandlerTable<ResourceType, Dependencies> = {
  'Custom::SageMakerEdge-ThingTypeMembership': (dependencies) => new ThingTypeMembership(dependencies),
  'Custom::SageMakerEdge-DeviceKey': (dependencies) => new DeviceKey(dependencies),
  'Custom::SageMakerEdge-DeviceCertificate': (dependencies) => new DeviceCertificate(dependencies),
  'Custom::SageMakerEdge-CredentialEndpoint': (dependencies) => new CredentialEndpoint(dependencies),
};
