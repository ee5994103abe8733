import { createHash } from 'node:crypto';
import type { DeviceReport } from '../../lib/device/private/manifest-contract';
import { deletingObject, isTransient, serviceError } from '../shared/errors';
import type { ObjectClient } from './client';
import { type ManifestRequest, type ParsedEvent, parseReport, type Started } from './parse';

export interface OnEventResponse {
  readonly PhysicalResourceId: string;
  readonly Data?: { readonly ManifestHash: string };
  /** isComplete finds it in its event. */
  readonly Started: Started;
}

/** This function's timeout, and half a minute to get there. */
const SETTLE_MS = 90_000;

export interface IsCompleteResponse { readonly IsComplete: boolean }

/**
 * Writes a device's manifest and waits until the device reports on exactly that one.
 *
 * A failed update comes back as an Update with the old properties: the old manifest is written again, and the device,
 * which never stopped serving what the old one says, reports on it again. Where nothing shows that the update has been at
 * work, it may come late: the old manifest is then kept in its place as long as it can. So is a Delete of a create that
 * CloudFormation has cancelled, which it asks for under an id of its own.
 */
export class DeviceManifestHandler {
  public constructor(
    private readonly client: ObjectClient,
    private readonly event: ParsedEvent,
    private readonly now: () => number = Date.now,
  ) {}

  private get request(): ManifestRequest {
    return this.event.properties;
  }

  public async onEvent(): Promise<OnEventResponse> {
    const { requestType, physicalId } = this.event;
    const { thingName, instanceId, manifest } = this.request;
    const id = physicalIdOf(this.request);
    const manifestHash = hashOf(manifest);
    const started = { manifestHash, instanceId, deadline: this.now() + this.request.timeoutSeconds * 1000 };
    const response = { PhysicalResourceId: id, Data: { ManifestHash: manifestHash }, Started: started };
    const settling = { ...started, settleUntil: this.now() + SETTLE_MS, deadline: started.deadline + SETTLE_MS };
    if (requestType === 'Delete') {
      await this.removeAll(this.request);
      return { ...response, PhysicalResourceId: physicalId ?? id, Started: physicalId === id ? started : settling };
    }
    try {
      const isEarly = await this.isEarlyRollback();
      await this.writeManifest();
      return isEarly ? { ...response, Started: settling } : response;
    } catch (error) { // the object may be there: a throw would make the framework swallow the Delete that follows
      return { ...response, Started: { ...started, error: `the manifest of device ${thingName} was not written: ${String(error)}` } };
    }
  }

  public async isComplete(started: Started): Promise<IsCompleteResponse> {
    const isSettled = this.now() >= (started.settleUntil ?? 0);
    if (this.event.requestType === 'Delete') {
      if (started.settleUntil !== undefined) { await this.removeAll(this.request); }
      return { IsComplete: isSettled };
    }
    if (started.error !== undefined) { throw new Error(started.error); }
    if (!isSettled) {
      await this.undoLate();
      return { IsComplete: false };
    }
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
    const report = await this.report();
    if (report?.status === 'FAILED' && report.manifestHash !== undefined) { await this.remove(this.request.reportKey); }
    await this.putManifest();
  }

  private async putManifest(): Promise<void> {
    const { bucket, manifestKey, manifest } = this.request;
    await this.client.putObject({ Bucket: bucket, Key: manifestKey, Body: manifest, ContentType: 'application/json' });
  }

  /** Whether the update that this takes back may yet come. */
  private async isEarlyRollback(): Promise<boolean> {
    const { old, physicalId } = this.event;
    if (old === undefined || old.manifest === this.request.manifest) { return false; }
    const id = physicalIdOf(this.request);
    if (physicalIdOf(old) !== id) { // it was of another device, and not answered: no Delete comes for that one
      if (physicalId === id) { await this.removeAll(old); }
      return physicalId === id;
    }
    // It has left no trace: the device reports on the manifest before.
    return (await this.report())?.manifestHash === hashOf(this.request.manifest);
  }

  private async undoLate(): Promise<void> {
    const { old } = this.event;
    if (old && physicalIdOf(old) !== physicalIdOf(this.request)) { await this.removeAll(old); }
    await this.putManifest();
  }

  private async report(): Promise<DeviceReport | undefined> {
    try {
      return parseReport(await this.client.getText({ Bucket: this.request.bucket, Key: this.request.reportKey }));
    } catch (error) {
      if (serviceError(error).name === 'NoSuchKey') { return undefined; }
      throw error;
    }
  }

  private async removeAll({ manifestKey, reportKey }: ManifestRequest): Promise<void> {
    await this.remove(manifestKey);
    await this.remove(reportKey);
  }

  private remove(key: string): Promise<void> {
    return deletingObject(() => this.client.deleteObject({ Bucket: this.request.bucket, Key: key }));
  }

  private timeoutMessage(report: DeviceReport | undefined): string {
    const { thingName, timeoutSeconds, instanceId } = this.request;
    const last = report === undefined
      ? `it reported nothing on this manifest; is instance ${instanceId} running, and can it reach S3? Its console output says more, and on the machine /var/log/cloud-init-output.log and the journal`
      : `it last said: ${report.message}`;
    return `device ${thingName} was not ready after ${timeoutSeconds} s: ${last}`;
  }
}

function physicalIdOf({ bucket, thingName }: ManifestRequest): string {
  return `${bucket}/${thingName}`;
}

function hashOf(manifest: string): string {
  return createHash('sha256').update(manifest).digest('hex');
}

/** A report without a hash comes from the machine's setup, before it could read any manifest. */
function concerns(report: DeviceReport, started: Started): boolean {
  return report.instanceId === started.instanceId && (report.manifestHash === undefined || report.manifestHash === started.manifestHash);
}
