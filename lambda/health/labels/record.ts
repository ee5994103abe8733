import { createHash } from 'node:crypto';
import { CAPTURE_REASON, readRecords, type CaptureRecord } from '../../../agent/capture/read/record';
import { bytesOf } from '../../../agent/capture/read/values';
import type { LabelSelection } from '../../../lib/health/private/labels-contract';
import { isRecord } from '../../shared/properties';
import { SkippedCapture } from './problem';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/;

/** Why an agent has captured a prediction by itself. */
export interface Reason {
  readonly reason: string;
  /** Where the model has scores. */
  readonly confidence?: number;
}

/** The capture in a line. What goes into keys has its form then. */
export function parseCapture(line: string): CaptureRecord {
  const [record] = readOr('NoRecord', () => readRecords('the line', line));
  if (record === undefined || !UUID.test(record.id) || !TIME.test(record.time)) {
    throw new SkippedCapture('NoRecord', 'it has no id and time of a capture');
  }
  return { ...record, id: record.id.toLowerCase() };
}

/** Undefined: a client has captured it. */
export function reasonOf({ items }: CaptureRecord): Reason | undefined {
  const item = items.find(({ group, name }) => group === 'auxiliary-output' && name === CAPTURE_REASON);
  if (item === undefined) {
    return undefined;
  }
  const content: unknown = readOr('BadReason', () => JSON.parse(bytesOf(item, undefined).toString('utf8')) as unknown);
  if (!isRecord(content) || typeof content.reason !== 'string' || !/^[\w-]{1,32}$/.test(content.reason)) {
    throw new SkippedCapture('BadReason', `${CAPTURE_REASON} must have a reason, got ${JSON.stringify(content).slice(0, 100)}`);
  }
  return { reason: content.reason, ...typeof content.confidence === 'number' ? { confidence: content.confidence } : {} };
}

/** The same whenever it is asked. */
export function isSelected({ reasons, share }: LabelSelection, id: string, reason: Reason | undefined): boolean {
  if (reasons !== undefined && reason !== undefined && (reasons.length === 0 || reasons.includes(reason.reason))) {
    return true;
  }
  return createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32 < share;
}

function readOr<T>(skip: 'NoRecord' | 'BadReason', read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new SkippedCapture(skip, error instanceof Error ? error.message : String(error));
  }
}
