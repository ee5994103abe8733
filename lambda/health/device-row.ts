import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { DEVICE_KEY } from '../../lib/health/private/contract';
import { isRecord } from '../shared/properties';

/** What is known of a device. */
export interface DeviceRow {
  readonly thing: string;
  /** Milliseconds since 1970. */
  readonly seen: number;
  readonly ring: string;
  readonly models: string;
  readonly predictions: number;
  readonly errors: number;
  /** Milliseconds. */
  readonly p99: number;
  /** The models that have drifted on it, with their features. Empty: none has. */
  readonly drifted: string;
}

/** Undefined: it is no device's row. */
export function readDeviceRow(item: Readonly<Record<string, AttributeValue>>): DeviceRow | undefined {
  const thing = item[DEVICE_KEY]?.S;
  const seen = item.seen?.N;
  if (thing === undefined || seen === undefined) {
    return undefined;
  }
  const number = (name: string): number => Number(item[name]?.N ?? 0);
  return {
    thing, seen: Number(seen), ring: item.ring?.S ?? '', models: item.models?.S ?? '',
    predictions: number('predictions'), errors: number('errors'), p99: number('p99'), drifted: item.drifted?.S ?? '',
  };
}

/** What the last census found. */
export interface Findings {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly reporting: number;
  readonly silent: number;
  /** Those that were silent for the longest. */
  readonly longestSilent: readonly DeviceRow[];
  readonly worst: readonly DeviceRow[];
}

/** Undefined: it is something else. */
export function readFindings(text: string): Findings | undefined {
  const json: unknown = JSON.parse(text);
  if (!isRecord(json) || !isRows(json.longestSilent) || !isRows(json.worst)) {
    return undefined;
  }
  const { at, reporting, silent, longestSilent, worst } = json;
  return typeof at === 'number' && typeof reporting === 'number' && typeof silent === 'number'
    ? { at, reporting, silent, longestSilent, worst }
    : undefined;
}

function isRows(value: unknown): value is DeviceRow[] {
  return Array.isArray(value) && value.every((row) => isRecord(row)
    && typeof row.thing === 'string' && typeof row.seen === 'number' && typeof row.ring === 'string' && typeof row.models === 'string'
    && typeof row.predictions === 'number' && typeof row.errors === 'number' && typeof row.p99 === 'number' && typeof row.drifted === 'string');
}
