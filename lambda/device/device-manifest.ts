import { createHash } from 'node:crypto';
import type { DeviceReport } from '../../lib/device/private/manifest-contract';
import { deletingObject, isTransient, serviceError } from '../shared/errors';
import type { PollEvent, ResourceEvent, Started } from '../shared/events';
import { PropertyReader } from '../shared/properties';
import { done, waiting, type Outcome, type ResourceHandler } from '../shared/resource-handler';
import type { Dependencies } from './dependencies';
import { PHASE_MS } from './limits';
import { parseManifestRequest, parseReport, type ManifestRequest } from './parse';

/** A phase, and half a minute to get there. */
const SETTLE_MS = PHASE_MS + 30_000;

interface ManifestStarted extends Started {
  /**
   * Why the manifest was not written. The second phase throws it: were it thrown by the first, the Delete that follows would do
   * nothing.
   */
  readonly Failure?: string;
}

/**
 * Writes a device's manifest and waits until the device reports on exactly that one.
 *
 * A failed update comes back as an Update with the old properties. The old manifest is written again, and the device, which never
 * stopped serving what the old one says, reports on it again. Where nothing shows that the update has been at work, it may come late:
 * the old manifest is then kept in its place as long as it can. So is a Delete of a create that CloudFormation has cancelled, which
 * it asks for under an id of its own.
 */
export class DeviceManifestHandler implements ResourceHandler<ManifestStarted> {
  private readonly request: ManifestRequest;
  /** What was before an Update. */
  private readonly old: ManifestRequest | undefined;

  public constructor(private readonly dependencies: Dependencies, event: ResourceEvent) {
    this.request = parseManifestRequest(new PropertyReader(event.ResourceProperties));
    this.old = event.OldResourceProperties && parseManifestRequest(new PropertyReader(event.OldResourceProperties));
  }

  public onEvent(event: ResourceEvent): Promise<ManifestStarted> {
    return event.RequestType === 'Delete' ? this.remove(event) : this.write(event);
  }

  public async isComplete(event: PollEvent<ManifestStarted>): Promise<Outcome> {
    if (event.RequestType === 'Delete') {
      return this.awaitRemoval(event);
    }
    if (event.Failure !== undefined) {
      throw new Error(event.Failure);
    }
    return this.isSettled(event) ? this.awaitDevice(event) : this.undoSuperseded();
  }

  /** A report that cannot be read now is asked for at the next poll, until the deadline. */
  public isRetryable(error: unknown, event: PollEvent): boolean {
    return event.RequestType !== 'Delete' && this.isSettled(event) && isTransient(error) && this.dependencies.now() < this.deadline(event);
  }

  private async write(event: ResourceEvent): Promise<ManifestStarted> {
    const { thingName, manifest } = this.request;
    const since = this.dependencies.now();
    const started = { PhysicalResourceId: physicalIdOf(this.request), Since: since, Data: { ManifestHash: hashOf(manifest) } };
    try {
      const isEarly = await this.isEarlyRollback(event);
      await this.writeManifest();
      return isEarly ? { ...started, SettleUntil: since + SETTLE_MS } : started;
    } catch (error) { // the object may be there
      return { ...started, Failure: `the manifest of device ${thingName} was not written: ${String(error)}` };
    }
  }

  private async remove(event: ResourceEvent): Promise<ManifestStarted> {
    const since = this.dependencies.now();
    const id = physicalIdOf(this.request);
    await this.removeAll(this.request);
    return {
      PhysicalResourceId: event.PhysicalResourceId ?? id,
      Since: since,
      ...(event.PhysicalResourceId === id ? {} : { SettleUntil: since + SETTLE_MS }),
    };
  }

  private async awaitRemoval(event: PollEvent): Promise<Outcome> {
    if (event.SettleUntil !== undefined) {
      await this.removeAll(this.request);
    }
    return this.isSettled(event) ? done() : waiting('a superseded create to have ended');
  }

  private async awaitDevice(event: PollEvent): Promise<Outcome> {
    const { thingName } = this.request;
    const report = await this.report();
    const about = report !== undefined && this.isAboutThis(report) ? report : undefined;
    switch (about?.status) {
      case 'READY': return done();
      case 'FAILED': throw new Error(`device ${thingName} failed: ${about.message}`);
      case 'APPLYING':
      case undefined:
        return waiting(`device ${thingName} to be ready`, { at: this.deadline(event), reason: this.timeoutReason(about) });
    }
  }

  /** Keeps the manifest in its place as long as an update that CloudFormation has cancelled may come. */
  private async undoSuperseded(): Promise<Outcome> {
    if (this.old && physicalIdOf(this.old) !== physicalIdOf(this.request)) {
      await this.removeAll(this.old);
    }
    await this.putManifest();
    return waiting('a superseded update to have ended');
  }

  private isSettled(event: PollEvent): boolean {
    return this.dependencies.now() >= (event.SettleUntil ?? 0);
  }

  private deadline({ Since: since, SettleUntil: settleUntil }: PollEvent): number {
    return since + this.request.timeoutSeconds * 1000 + (settleUntil === undefined ? 0 : SETTLE_MS);
  }

  /**
   * A FAILED report that is there already is about an earlier attempt: the device tries again and reports anew. But of its setup a
   * machine reports once.
   */
  private async writeManifest(): Promise<void> {
    const report = await this.report();
    if (report?.status === 'FAILED' && report.manifestHash !== undefined) {
      await this.removeObject(this.request.reportKey);
    }
    await this.putManifest();
  }

  private async putManifest(): Promise<void> {
    const { bucket, manifestKey, manifest } = this.request;
    await this.dependencies.objects.putObject({ Bucket: bucket, Key: manifestKey, Body: manifest, ContentType: 'application/json' });
  }

  /** Whether the update that this takes back may yet come. */
  private async isEarlyRollback({ PhysicalResourceId: given }: ResourceEvent): Promise<boolean> {
    const { old, request } = this;
    if (old === undefined || old.manifest === request.manifest) {
      return false;
    }
    const id = physicalIdOf(request);
    if (physicalIdOf(old) !== id) { // it was of another device, and not answered: no Delete comes for that one
      if (given === id) {
        await this.removeAll(old);
      }
      return given === id;
    }
    // It has left no trace: the device reports on the manifest before.
    return (await this.report())?.manifestHash === hashOf(request.manifest);
  }

  private async report(): Promise<DeviceReport | undefined> {
    try {
      return parseReport(await this.dependencies.objects.getText({ Bucket: this.request.bucket, Key: this.request.reportKey }));
    } catch (error) {
      if (serviceError(error).name === 'NoSuchKey') {
        return undefined;
      }
      throw error;
    }
  }

  /** A report without a hash comes from the machine's setup, before it could read any manifest. */
  private isAboutThis({ instanceId, manifestHash }: DeviceReport): boolean {
    return instanceId === this.request.instanceId && (manifestHash === undefined || manifestHash === hashOf(this.request.manifest));
  }

  private async removeAll({ manifestKey, reportKey }: ManifestRequest): Promise<void> {
    await this.removeObject(manifestKey);
    await this.removeObject(reportKey);
  }

  private removeObject(key: string): Promise<void> {
    return deletingObject(() => this.dependencies.objects.deleteObject({ Bucket: this.request.bucket, Key: key }));
  }

  private timeoutReason(report: DeviceReport | undefined): string {
    const { thingName, timeoutSeconds, instanceId } = this.request;
    const last = report === undefined
      ? `it reported nothing on this manifest; is instance ${instanceId} running, and can it reach S3? Its console output says more, `
        + 'and on the machine /var/log/cloud-init-output.log and the journal'
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
