import type { DeviceManifestType } from '../../lib/device/private/manifest-contract';
import type { HandlerTable } from '../shared/resource-handler';
import type { Dependencies } from './dependencies';
import { DeviceManifestHandler } from './device-manifest';

/** The custom resources that this function serves. */
export const RESOURCES: HandlerTable<DeviceManifestType, Dependencies> = {
  'Custom::SageMakerEdge-DeviceManifest': (dependencies, event) => new DeviceManifestHandler(dependencies, event),
};
