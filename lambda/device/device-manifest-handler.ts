import { createHash } from 'node:crypto';
import type { DeviceReport } from '../../lib/private/device-manifest-contract';
import { isTransient, serviceError } from '../shared/errors';
import type { ObjectClient } from './client';
import { type ManifestRequest, parseReport, type RequestType, type Started } from './parse';

export interface OnEventResponse {
  readonly PhysicalResourceId: string;
  readonly Data?: { readonly ManifestHash: string };
  /** isComplete finds it in its event. */
  readonly Started: Started;
}

export interface IsCompleteResponse { readonly IsComplete: boolean }

/**
 * Writes a device's manifest and waits until the device reports on exactly that one.
 *
 * A failed update comes back as an Update with the old properties: the old manifest is written again, and the device,
 * which never stopped serving what the old one says, reports on it again.
 */
export class DeviceManifestHandler {
  public constructor(
    private readonly client: ObjectClient,
    private readonly request: ManifestRequest,
    private readonly now: () => number = Date.now,
  ) {}

  public async onEvent(requestType: RequestType): Promise<OnEventResponse> {
    const { bucket, thingName, instanceId, manifest } = this.request;
    const manifestHash = createHash('sha256').update(manifest).digest('hex');
    const started = { manifestHash, instanceId, deadline: this.now() + this.request.timeoutSeconds * 1000 };
    const response = { PhysicalResourceId: `${bucket}/${thingName}`, Data: { ManifestHash: manifestHash }, Started: started };
    if (requestType === 'Delete') {
      await this.remove(this.request.manifestKey);
      await this.remove(this.request.reportKey);
      return response;
    }
    try {
      await this.writeManifest();
      return response;
    } catch (error) { // the object may be there: a throw would make the framework swallow the Delete that follows
      return { ...response, Started: { ...started, error: `the manifest of device ${thingName} was not written: ${String(error)}` } };
    }
  }

  public async isComplete(requestType: RequestType, started: Started): Promise<IsCompleteResponse> {
    if (requestType === 'Delete') { return { IsComplete: true }; }
    if (started.error !== undefined) { throw new Error(started.error); }
    let report: DeviceReport | undefined;
    try {
      report = await this.report();
    } catch (error) { // ask again at the next poll
      if (!isTransient(error) || this.now() >= started.deadline) { throw error; }
      return { IsComplete: false };
    }
    const about = report !== undefined && concerns(report, started) ? report : undefined;
    if (about?.status === 'READY') { return { IsComplete: true }; }
    if (about?.status === 'FAILED') { throw new Error(`device ${this.request.thingName} failed: ${about.message}`); }
    if (this.now() >= started.deadline) { throw new Error(this.timeoutMessage(about)); }
    return { IsComplete: false };
  }

  /** A FAILED report that is there already is about an earlier attempt, and the device tries again and reports anew; but of its setup a machine reports once. */
  private async writeManifest(): Promise<void> {
    const { bucket, manifestKey, manifest } = this.request;
    const report = await this.report();
    if (report?.status === 'FAILED' && report.manifestHash !== undefined) { await this.remove(this.request.reportKey); }
    await this.client.putObject({ Bucket: bucket, Key: manifestKey, Body: manifest, ContentType: 'application/json' });
  }

  private async report(): Promise<DeviceReport | undefined> {
    try {
      return parseReport(await this.client.getText({ Bucket: this.request.bucket, Key: this.request.reportKey }));
    } catch (error) {
      if (serviceError(error).name === 'NoSuchKey') { return undefined; }
      throw error;
    }
  }

  private async remove(key: string): Promise<void> {
    try {
      await this.client.deleteObject({ Bucket: this.request.bucket, Key: key });
    } catch (error) {
      if (serviceError(error).name !== 'NoSuchBucket') { throw error; } // S3 deletes a missing object without complaint
    }
  }

  private timeoutMessage(report: DeviceReport | undefined): string {
    const { thingName, timeoutSeconds, instanceId } = this.request;
    const last = report === undefined
      ? `it reported nothing on this manifest; is instance ${instanceId} running, and can it reach S3? Its console output says more, and on the machine /var/log/cloud-init-output.log and the journal`
      : `it last said: ${report.message}`;
    return `device ${thingName} was not ready after ${timeoutSeconds} s: ${last}`;
  }
}

/** A report without a hash comes from the machine's setup, before it could read any manifest. */
function concerns(report: DeviceReport, started: Started): boolean {
  return report.instanceId === started.instanceId && (report.manifestHash === undefined || report.manifestHash === started.manifestHash);
}
