import type { JobDelays } from '../sagemaker/contracts';

/** What the launcher tells the process of the stand-ins. */
export interface StandInSettings {
  readonly emulator: string;
  readonly caFile: string;
  readonly serverCertificate: string;
  readonly serverKey: string;
  readonly requests: string;
  /** The local cloud's folder. */
  readonly folder: string;
  readonly delays?: JobDelays;
}

/** What that process answers when it listens. */
export interface StandInPorts {
  readonly iot: string;
  readonly sageMaker: string;
  readonly credentialProvider: string;
  readonly greengrass: string;
  /** The host of the local devices. */
  readonly devices: string;
  readonly recorder: string;
}

export function isStandInPorts(value: unknown): value is StandInPorts {
  return typeof value === 'object' && value !== null && 'iot' in value && 'sageMaker' in value && 'credentialProvider' in value && 'greengrass' in value && 'devices' in value && 'recorder' in value;
}
