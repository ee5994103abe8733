import { LATENCY_BEYOND, LATENCY_BOUNDS, type HealthReport } from '../../../lib/agent/private/health-report';
import { DEVICE_KEY, EXPIRES, type HealthSettings } from '../../../lib/health/private/contract';
import { serviceError } from '../../shared/errors';
import type { Dependencies } from './dependencies';
import type { Received } from './message';

/** A device's row is written as often in the time after which it is silent. */
const WRITES_UNTIL_SILENT = 2;
const AT_ONCE = 16;
/** A device that is silent for as long is forgotten. */
const KEPT_SECONDS = 30 * 86_400;

/**
 * Writes when devices were seen, and what they said. A row is not written for each report, which would cost more than all the rest: a
 * device's reports of a part of the time until it is silent give one write.
 */
export async function writeSeen(received: readonly Received[], settings: HealthSettings, calls: Pick<Dependencies, 'updateItem'>): Promise<void> {
  const due = received.filter((each) => isDue(each, settings.silentSeconds));
  for (let start = 0; start < due.length; start += AT_ONCE) {
    await Promise.all(due.slice(start, start + AT_ONCE).map((each) => writeRow(each, settings, calls)));
  }
}

function isDue({ report, thing, received }: Received, silentSeconds: number): boolean {
  if (report === undefined) {
    return false;
  }
  const slot = (silentSeconds * 1000) / WRITES_UNTIL_SILENT;
  let phase = 0;
  for (const letter of thing) {
    phase = (phase * 31 + (letter.codePointAt(0) ?? 0)) % slot;
  }
  const length = report.to - report.from;
  return Math.floor((received + phase) / slot) !== Math.floor((received - length + phase) / slot);
}

async function writeRow({ thing, received, report }: Received, settings: HealthSettings, calls: Pick<Dependencies, 'updateItem'>): Promise<void> {
  if (report === undefined) {
    return;
  }
  const { predictions, errors, slowest } = summaryOf(report);
  const values: Readonly<Record<string, { S: string } | { N: string }>> = {
    seen: { N: String(received) },
    ring: { S: report.ring },
    agent: { S: report.agent },
    models: { S: report.models.map(({ name, version }) => `${name} ${version}`).join(', ') },
    predictions: { N: String(predictions) },
    errors: { N: String(errors) },
    p99: { N: String(slowest) },
    drifted: { S: driftOf(report) },
    [EXPIRES]: { N: String(Math.floor(received / 1000) + KEPT_SECONDS) },
  };
  const names = Object.keys(values);
  try {
    await calls.updateItem({
      TableName: settings.deviceTable,
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
