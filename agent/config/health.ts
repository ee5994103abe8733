import { DEFAULT_RING, RING_NAME } from '../../lib/agent/private/health-report';
import type { ConfigReader } from './reader';

/** Reports to the fleet's health. */
export interface HealthConfig {
  /** The IoT rule that takes the reports. */
  readonly ruleName: string;
  readonly periodMs: number;
  readonly ring: string;
}

const RULE_NAME = { max: 128, pattern: /^\w+$/, wanted: 'the name of an IoT rule: letters, digits and underscores, at most 128' };

export function readHealth(reader: ConfigReader, isOffline: boolean): HealthConfig | undefined {
  const ruleName = reader.text('health_rule', RULE_NAME);
  const periodSeconds = reader.integer('health_report_period_seconds', { min: 1, max: 86_400 }) ?? 300;
  const ring = reader.text('health_ring', { pattern: RING_NAME, wanted: 'a ring: letters, digits, hyphens and underscores, at most 32' });
  if (ruleName === undefined) {
    return undefined;
  }
  if (isOffline) {
    reader.problem('provider_provider', 'Aws or Custom, as the health of the device is reported', 'None');
  }
  return { ruleName, periodMs: periodSeconds * 1000, ring: ring ?? DEFAULT_RING };
}
