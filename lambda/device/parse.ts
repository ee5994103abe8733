import type { DeviceManifestProperties, DeviceReport } from '../../lib/device/private/manifest-contract';

export type RequestType = 'Create' | 'Update' | 'Delete';

/** What onEvent hands to isComplete; the framework carries it in the event. */
export interface Started {
  readonly manifestHash: string;
  readonly instanceId: string;
  /** Milliseconds since the epoch. */
  readonly deadline: number;
  /** Why the manifest was not written: isComplete throws it, so that a Delete still reaches this handler. */
  readonly error?: string;
  /** Milliseconds since the epoch until which an event that CloudFormation has cancelled can be at work: what it does is undone as long. */
  readonly settleUntil?: number;
}

/** The resource's properties, typed. */
export interface ManifestRequest {
  readonly bucket: string;
  readonly manifestKey: string;
  readonly reportKey: string;
  /** The manifest's JSON, to be written as it is: its hash identifies it. */
  readonly manifest: string;
  readonly instanceId: string;
  readonly thingName: string;
  readonly timeoutSeconds: number;
}

export interface ParsedEvent {
  readonly requestType: RequestType;
  readonly properties: ManifestRequest;
  /** What was before an Update. */
  readonly old?: ManifestRequest;
  /** Absent on Create. */
  readonly physicalId?: string;
  /** Present in isComplete's events alone. */
  readonly started?: Started;
}

export function parseEvent(event: unknown): ParsedEvent {
  const fields = record(event, 'the event');
  const requestType = fields.RequestType;
  if (requestType !== 'Create' && requestType !== 'Update' && requestType !== 'Delete') {
    throw new Error(`RequestType must be Create, Update or Delete, got ${JSON.stringify(requestType)}`);
  }
  return {
    requestType,
    properties: parseProperties(record(fields.ResourceProperties, 'ResourceProperties')),
    ...fields.OldResourceProperties === undefined ? {} : { old: parseProperties(record(fields.OldResourceProperties, 'OldResourceProperties')) },
    ...typeof fields.PhysicalResourceId === 'string' ? { physicalId: fields.PhysicalResourceId } : {},
    ...fields.Started === undefined ? {} : { started: parseStarted(record(fields.Started, 'Started')) },
  };
}

/** A report, or undefined where the object holds something else: a device is not trusted to write well-formed text. */
export function parseReport(text: string): DeviceReport | undefined {
  let fields: Record<string, unknown>;
  try { fields = record(JSON.parse(text), 'the report'); } catch { return undefined; }
  const { manifestHash, instanceId, status, message } = fields;
  if (typeof instanceId !== 'string' || typeof message !== 'string') { return undefined; }
  if (status !== 'APPLYING' && status !== 'READY' && status !== 'FAILED') { return undefined; }
  return { instanceId, status, message, models: [], ...typeof manifestHash === 'string' ? { manifestHash } : {} };
}

function parseProperties(fields: Record<string, unknown>): ManifestRequest {
  const property = (name: keyof DeviceManifestProperties): string => text(fields[name], name);
  const manifest = property('Manifest');
  const content = record(JSON.parse(manifest), 'Manifest');
  return {
    bucket: property('BucketName'), manifestKey: property('ManifestKey'), reportKey: property('ReportKey'), manifest,
    instanceId: text(content.instanceId, 'Manifest.instanceId'), thingName: text(content.thingName, 'Manifest.thingName'),
    timeoutSeconds: seconds(property('TimeoutSeconds')),
  };
}

function parseStarted(fields: Record<string, unknown>): Started {
  const { manifestHash, instanceId, deadline, error, settleUntil } = fields;
  if (typeof deadline !== 'number') { throw new Error(`Started.deadline must be a number, got ${JSON.stringify(deadline)}`); }
  return {
    manifestHash: text(manifestHash, 'Started.manifestHash'), instanceId: text(instanceId, 'Started.instanceId'), deadline,
    ...typeof error === 'string' ? { error } : {}, ...typeof settleUntil === 'number' ? { settleUntil } : {},
  };
}

function seconds(value: string): number {
  const number = Number(value);
  if (!Number.isInteger(number) || number <= 0) { throw new Error(`TimeoutSeconds must be a whole number above 0, got '${value}'`); }
  return number;
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') { throw new Error(`${name} must be text, got ${JSON.stringify(value)}`); }
  return value;
}

function record(value: unknown, name: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) { throw new Error(`${name} must be an object, got ${JSON.stringify(value)}`); }
  return Object.fromEntries(Object.entries(value));
}
