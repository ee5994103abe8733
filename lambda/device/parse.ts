import type { DeviceManifestProperties, DeviceReport } from '../../lib/device/private/manifest-contract';
import { asRecord, isRecord, PropertyReader } from '../shared/properties';

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

export function parseManifestRequest(properties: PropertyReader): ManifestRequest {
  const text = (name: keyof DeviceManifestProperties): string => properties.text(name);
  const manifest = text('Manifest');
  const content = new PropertyReader(asRecord(JSON.parse(manifest), 'Manifest'), 'Manifest.');
  return {
    bucket: text('BucketName'),
    manifestKey: text('ManifestKey'),
    reportKey: text('ReportKey'),
    manifest,
    instanceId: content.text('instanceId'),
    thingName: content.text('thingName'),
    timeoutSeconds: properties.wholeNumber('TimeoutSeconds', 1),
  };
}

/** A report, or undefined where the object holds something else: a device is not trusted to write well-formed text. */
export function parseReport(text: string): DeviceReport | undefined {
  const report = parseJson(text);
  if (!isRecord(report)) {
    return undefined;
  }
  const { manifestHash, instanceId, status, message } = report;
  if (typeof instanceId !== 'string' || typeof message !== 'string') {
    return undefined;
  }
  if (status !== 'APPLYING' && status !== 'READY' && status !== 'FAILED') {
    return undefined;
  }
  return { instanceId, status, message, models: [], ...typeof manifestHash === 'string' ? { manifestHash } : {} };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
