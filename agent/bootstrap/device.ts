import type { DeviceManifest, DeviceReport } from '../../lib/device/private/manifest-contract';
import { DeviceError, type Clock, type ObjectStore } from './contracts';
import type { Generations } from './generation';
import { log } from './log';
import { parseManifest } from './manifest';
import { hashText } from './store';
import type { Switcher } from './switcher';

const MAX_POLL_MS = 60_000;
const FIRST_RETRY_MS = 60_000;
const MAX_RETRY_MS = 15 * 60_000;

export interface DeviceOptions {
  readonly bucket: string;
  readonly manifestKey: string;
  readonly reportKey: string;
  readonly instanceId: string;
  readonly pollMs: number;
  /** SHA-256 of the bootstrap that runs. */
  readonly ownDigest: string;
  readonly objects: ObjectStore;
  readonly generations: Generations;
  readonly switcher: Switcher;
  readonly clock: Clock;
}

/** `superseded`: the manifest asks for another bootstrap, and whoever started this one shall fetch it. */
export type Ending = 'stopped' | 'superseded';

/** Watches the manifest, makes the device what it says, and reports. */
export class Device {
  private etag: string | undefined;
  private report: DeviceReport | undefined;
  private reportWritten = true;
  private failures = 0;
  private retryAt = Infinity;
  private unreachable = 0;
  private readonly complaints = new Map<string, string>();

  public constructor(private readonly options: DeviceOptions) {}

  public async run(signal: AbortSignal): Promise<Ending> {
    await this.attempt('resume', () => this.options.switcher.resume());
    while (!signal.aborted) {
      await this.attempt('heal', () => this.options.switcher.heal());
      if (await this.step() === 'superseded') {
        return 'superseded';
      }
      await this.options.clock.sleep(Math.min(this.options.pollMs * 2 ** this.unreachable, MAX_POLL_MS));
    }
    return 'stopped';
  }

  /** One look at the manifest. */
  public async step(): Promise<Ending | undefined> {
    await this.writeReport();
    const { objects, bucket, manifestKey, clock } = this.options;
    const again = clock.now() >= this.retryAt;
    const found = await this.attempt('poll', () => objects.readIfChanged(bucket, manifestKey, again ? undefined : this.etag));
    this.unreachable = found === undefined ? Math.min(this.unreachable + 1, 10) : 0;
    if (found?.state !== 'changed') {
      return undefined;
    }
    if (found.etag !== this.etag) {
      this.failures = 0;
    }
    this.retryAt = Infinity;
    const ending = await this.handle(found.body);
    this.etag = found.etag;
    return ending;
  }

  private async handle(body: Buffer): Promise<Ending | undefined> {
    const manifestHash = hashText(body);
    let manifest: DeviceManifest;
    try {
      manifest = parseManifest(body.toString('utf8'));
    } catch (error) {
      await this.fail(manifestHash, error);
      return undefined;
    }
    if (manifest.instanceId !== this.options.instanceId) {
      log('the manifest is for another instance', { instanceId: manifest.instanceId });
      return undefined;
    }
    if (manifest.bootstrap.sha256 !== this.options.ownDigest) {
      return 'superseded';
    }
    await this.apply(manifest, manifestHash);
    return undefined;
  }

  private async apply(manifest: DeviceManifest, manifestHash: string): Promise<void> {
    const { switcher, generations } = this.options;
    const progress = async (step: string): Promise<void> => {
      await this.tell({ manifestHash, status: 'APPLYING', message: step });
    };
    try {
      const next = await generations.prepare(manifest, manifestHash, progress);
      if (next.id === switcher.current?.id) {
        await switcher.heal();
      } else {
        try {
          await switcher.switchTo(next, progress);
        } catch (error) {
          await generations.forget(next.id);
          throw error;
        }
      }
      this.failures = 0;
      await this.tell({ manifestHash, status: 'READY', message: `serves ${this.serving()}` });
    } catch (error) {
      await this.fail(manifestHash, error);
    }
  }

  private async fail(manifestHash: string, error: unknown): Promise<void> {
    this.retryAt = this.options.clock.now() + Math.min(FIRST_RETRY_MS * 2 ** this.failures, MAX_RETRY_MS);
    this.failures += 1;
    const reason = error instanceof DeviceError ? error.message : `unexpected: ${String(error)}`;
    const outcome = this.options.switcher.current === undefined ? 'serves nothing' : `still serves ${this.serving()}`;
    await this.tell({ manifestHash, status: 'FAILED', message: `${reason}. The device ${outcome}` });
  }

  private serving(): string {
    const models = this.options.switcher.current?.models ?? [];
    return models.length === 0 ? 'no model' : models.map(({ name, version }) => `${name} ${version}`).join(', ');
  }

  private async tell(news: Pick<DeviceReport, 'manifestHash' | 'status' | 'message'>): Promise<void> {
    const models = (this.options.switcher.current?.models ?? []).map(({ name, version }) => ({ name, version }));
    this.report = { ...news, instanceId: this.options.instanceId, models };
    this.reportWritten = false;
    log(news.message, { status: news.status });
    await this.writeReport();
  }

  /** A report that does not reach S3 is written at the next step. */
  private async writeReport(): Promise<void> {
    if (this.report === undefined || this.reportWritten) {
      return;
    }
    const text = JSON.stringify(this.report);
    await this.attempt('report', async () => {
      await this.options.objects.write(this.options.bucket, this.options.reportKey, text);
      this.reportWritten = true;
    });
  }

  /** The loop outlives whatever goes wrong, and says once what. */
  private async attempt<T>(what: string, action: () => Promise<T>): Promise<T | undefined> {
    try {
      const result = await action();
      this.complaints.delete(what);
      return result;
    } catch (error) {
      const reason = String(error);
      if (this.complaints.get(what) !== reason) {
        log(`${what} failed`, { reason });
      }
      this.complaints.set(what, reason);
      return undefined;
    }
  }
}
