import type { CallerAuthority, SessionRegister } from '../service/contracts';

/** What IoT's part of the local cloud needs of its IAM, beyond what every stand-in needs. */

export interface RoleFinder {
  /** Undefined if there is none. */
  find(roleArn: string): Promise<{ readonly MaxSessionDuration?: number | undefined } | undefined>;
}

export interface DeviceAuthority extends Pick<CallerAuthority, 'trustsService'>, SessionRegister {
  /** What these documents, and nothing else, say. */
  allows(documents: readonly object[], action: string, resourceArn: string): Promise<boolean>;
}
