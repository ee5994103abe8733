import { LATENCY_BEYOND, LATENCY_BOUNDS, type HealthReport } from '../../../lib/agent/private/health-report';
import { DEVICE_KEY, EXPIRES } from '../../../lib/health/private/contract';
import { serviceError } from '../../shared/errors';
import type { Dependencies } from './dependencies';
import type { Received } from './message';

/** A device's row is written as often in the time after which it is silent. */
const WRITES_UNTIL_SILENT = 2;
const AT_ONCE = 16;
/** A device that is silent for as long is forgotten. */
const KEPT_SECONDS = 30 * 86_400;

/** What is written of a device. */
export interface DeviceRow {
  /** The message that told it. */
  readonly messageId: string;
  readonly thing: string;
  readonly values: Readonly<Record<string, { S: string } | { N: string }>>;
}

/**
 * When a device was seen, and what it said. A row is not written for each report, which would cost more than all the rest: a device's
 * reports of a part of the time until it is silent give one write. Undefined: nothing is to be written.
 */
export function deviceRow({ messageId, thing, received, report }: Received, silentSeconds: number): DeviceRow | undefined {
  if (report === undefined || !isDue(thing, received, report.to - report.from, silentSeconds)) {
    return undefined;
  }
  const { predictions, errors, slowest } = summaryOf(report);
  return {
    messageId,
    thing,
    values: {
      seen: { N: String(received) },
      ring: { S: report.ring },
      agent: { S: report.agent },
      models: { S: report.models.map(({ name, version }) => `${name} ${version}`).join(', ') },
      predictions: { N: String(predictions) },
      errors: { N: String(errors) },
      p99: { N: String(slowest) },
      drifted: { S: driftOf(report) },
      [EXPIRES]: { N: String(Math.floor(received / 1000) + KEPT_SECONDS) },
    },
  };
}

export async function writeSeen(rows: readonly DeviceRow[], table: string, calls: Pick<Dependencies, 'updateItem'>): Promise<void> {
  for (let start = 0; start < rows.length; start += AT_ONCE) {
    await Promise.all(rows.slice(start, start + AT_ONCE).map((row) => writeRow(row, table, calls)));
  }
}

function isDue(thing: string, received: number, length: number, silentSeconds: number): boolean {
  const slot = (silentSeconds * 1000) / WRITES_UNTIL_SILENT;
  let phase = 0;
  for (const letter of thing) {
    phase = (phase * 31 + (letter.codePointAt(0) ?? 0)) % slot;
  }
  return Math.floor((received + phase) / slot) !== Math.floor((received - length + phase) / slot);
}

async function writeRow({ thing, values }: DeviceRow, table: string, calls: Pick<Dependencies, 'updateItem'>): Promise<void> {
  const names = Object.keys(values);
  try {
    await calls.updateItem({
      TableName: table,
      Key: { [DEVICE_KEY]: { S: thing } },
      UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(', ')}`,
      ConditionExpression: 'attribute_not_exists(#seen) OR #seen < :seen', // reports may come out of order
      ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])), // some are words that DynamoDB reserves
      ExpressionAttributeValues: Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
    });
  } catch (error) {
    if (serviceError(error).name !== 'ConditionalCheckFailedException') {
      throw error;
    }
  }
}

function summaryOf({ models }: HealthReport): { predictions: number; errors: number; slowest: number } {
  const predictions = models.reduce((sum, model) => sum + model.predictions, 0);
  const errors = models.flatMap((model) => Object.values(model.errors)).reduce((sum, count) => sum + count, 0);
  return { predictions, errors, slowest: Math.max(0, ...models.map(({ latency }) => p99(latency))) };
}

/** Which features of which models. Empty where none has drifted. */
function driftOf({ models }: HealthReport): string {
  const drifted = models.filter(({ drift }) => (drift?.drifted ?? []).length > 0);
  return drifted.map(({ name, drift }) => `${name}: ${drift?.drifted?.join(' ') ?? ''}`).join(', ');
}

/** The upper bound of the bucket that the 99th percentile is in. 0 where there was nothing. */
function p99(latency: readonly number[]): number {
  const all = latency.reduce((sum, count) => sum + count, 0);
  let above = all;
  for (const [bucket, count] of latency.entries()) {
    above -= count;
    if (all > 0 && above <= all / 100) {
      return LATENCY_BOUNDS[bucket] ?? LATENCY_BEYOND;
    }
  }
  return 0;
}
