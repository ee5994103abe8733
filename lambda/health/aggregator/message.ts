import { HEALTH_REPORT_MAX_BYTES, type HealthReport } from '../../../lib/agent/private/health-report';
import type { HealthSettings, Rejection } from '../../../lib/health/private/contract';
import { isRecord } from '../../shared/properties';
import { parseReport } from './report';

/** A message of the queue, as far as it is read here. */
export interface QueueMessage {
  readonly messageId: string;
  readonly body: string;
}

/** What the rule writes: who reported, when, and what, as it came. */
interface Envelope {
  readonly thing: string;
  readonly received: number;
  readonly report: string;
}

/** A message that is understood. */
export interface Received {
  readonly messageId: string;
  readonly thing: string;
  /** Milliseconds since 1970. */
  readonly received: number;
  /** The report with the models that are known, or why it is not counted. */
  readonly report: HealthReport | undefined;
  /** Why it or a part of it is not counted. */
  readonly rejection: Rejection | undefined;
}

/** CloudWatch takes values of two weeks. */
const OLDEST_MS = 13 * 86_400_000;
/** A device's clock may be fast by as much. */
const FUTURE_MS = 15 * 60_000;

/** Reads messages of the queue. Whatever a device sent, it throws nothing: a report that cannot be read is counted as rejected. */
export class MessageReader {
  private readonly models: ReadonlySet<string>;
  private readonly rings: ReadonlySet<string>;

  public constructor(private readonly settings: HealthSettings) {
    this.models = new Set(settings.models.map(({ name, version }) => keyOf(name, version)));
    this.rings = new Set(settings.rings);
  }

  /** @param now for a message that does not say when it came */
  public read({ messageId, body }: QueueMessage, now: number): Received {
    const envelope = openEnvelope(body);
    if (envelope === undefined) {
      return { messageId, thing: '', received: now, report: undefined, rejection: 'BadForm' };
    }
    const { thing, received } = envelope;
    const content = this.readReport(envelope);
    return typeof content === 'string'
      ? { messageId, thing, received, report: undefined, rejection: content }
      : { messageId, thing, received, ...this.known(content) };
  }

  private readReport({ received, report: encoded }: Envelope): HealthReport | Rejection {
    const text = Buffer.from(encoded, 'base64');
    if (text.length > HEALTH_REPORT_MAX_BYTES) {
      return 'TooLarge';
    }
    const json = tryJson(text.toString('utf8'));
    if (json === undefined) {
      return 'NotJson';
    }
    const report = parseReport(json);
    if (report === undefined) {
      return 'BadForm';
    }
    if (report.fleet !== this.settings.fleetName) {
      return 'UnknownFleet';
    }
    if (!this.rings.has(report.ring)) {
      return 'UnknownRing';
    }
    if (report.to > received + FUTURE_MS) {
      return 'Future';
    }
    return report.to < received - OLDEST_MS ? 'TooOld' : report;
  }

  /** A model that is not known is left out, so that a device with one of its own is still seen. */
  private known(report: HealthReport): Pick<Received, 'report' | 'rejection'> {
    const models = report.models.filter(({ name, version }) => this.models.has(keyOf(name, version)));
    return models.length === report.models.length
      ? { report, rejection: undefined }
      : { report: { ...report, models }, rejection: 'UnknownModel' };
  }
}

function keyOf(name: string, version: string): string {
  return `${name}\n${version}`;
}

function openEnvelope(body: string): Envelope | undefined {
  const json = tryJson(body);
  if (!isRecord(json)) {
    return undefined;
  }
  const { thing, received, report } = json;
  const fits = typeof thing === 'string' && typeof received === 'number' && Number.isSafeInteger(received) && typeof report === 'string';
  return fits ? { thing, received, report } : undefined;
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
