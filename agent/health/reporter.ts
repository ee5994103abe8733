import { randomBytes } from 'node:crypto';
import {
  HEALTH_REPORT_MAX_BYTES, HEALTH_REPORT_VERSION, HEALTH_TOPIC, type HealthReport, type ModelHealth,
} from '../../lib/agent/private/health-report';
import { NotTaken } from '../cloud/iot-data';
import type { HealthConfig } from '../config/health';
import type { Logger } from '../log';
import { messageOf } from '../status';
import { AGENT_VERSION } from '../version';
import { DriftWatch } from '../drift/watch';
import type { CountedFeatures } from '../drift/counts';
import { HealthCounts, type CountedModel } from './counts';
import type { ReportStore } from './report-store';

/** What is measured when a report is made. */
export interface HealthGauges {
  readonly memory: number;
  readonly spool: number;
  readonly queue: number;
  readonly models: readonly CountedModel[];
}

export interface HealthReporterOptions {
  readonly config: HealthConfig;
  readonly thingName: string;
  readonly fleetName: string;
  readonly store: ReportStore;
  readonly publish: (topic: string, payload: string) => Promise<void>;
  readonly gauges: () => HealthGauges;
  readonly logger: Logger;
  /** Milliseconds since 1970. The machine's clock if it is left out. */
  readonly now?: () => number;
  /** From 0 to 1. `Math.random` if it is left out. */
  readonly random?: () => number;
}

/** The fleet's side takes none that is older than 13 days: CloudWatch takes values of two weeks. */
const OLDEST_MS = 12 * 86_400_000;

/**
 * Reports what the device did, once in each period.
 *
 * What cannot be sent is added to the next report, so that a device that was offline sends one report of all that time. A report of which
 * nobody knows whether it arrived is sent again as it is, with its id, so that it is counted once. Nothing here is waited for by a
 * prediction, and a stop waits for a write to the disk alone.
 */
export class HealthReporter {
  private counts = new HealthCounts();
  private readonly drift = new DriftWatch();
  private since: number;
  private sending: readonly HealthReport[] = [];
  private failures = 0;
  private readonly started = performance.now();
  private monotonicSince = performance.now();
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private stopped = false;
  private readonly now: () => number;

  private constructor(private readonly options: HealthReporterOptions) {
    this.now = options.now ?? Date.now;
    this.since = this.now();
  }

  /** Takes up what an earlier run has not reported. The first report is at a random time in the period, so that a fleet spreads its own. */
  public static async start(options: HealthReporterOptions): Promise<HealthReporter> {
    const reporter = new HealthReporter(options);
    await reporter.restore();
    const { random = Math.random, config: { periodMs } } = options;
    reporter.next(random() * periodMs);
    return reporter;
  }

  /** Whether a prediction is one of those that the model's drift is made of. */
  public isDrifted({ baseline }: CountedModel, features: CountedFeatures): boolean {
    return baseline !== undefined && this.drift.isDrifted(baseline, features);
  }

  /** @param features what the prediction was like. None where nobody looks at them */
  public predicted(model: CountedModel, milliseconds: number, features?: CountedFeatures): void {
    this.counts.predicted(model, milliseconds, features);
    if (model.baseline !== undefined && features !== undefined) {
      this.drift.predicted(model.baseline, features);
    }
  }

  public failed(model: CountedModel, code: string): void {
    this.counts.failed(model, code);
  }

  /** Makes a report and sends it. */
  public report(): Promise<void> {
    this.running ??= this.reportNow().catch((error: unknown) => {
      this.options.logger.warn('the health of the device cannot be reported', { reason: messageOf(error) });
    }).finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  /** Keeps what is not reported for the next start. Nothing is sent: whoever stops the agent would wait for a network that is away. */
  public async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.save().catch((error: unknown) => {
      this.options.logger.warn('what is not reported of the device is lost', { reason: messageOf(error) });
    });
  }

  private next(milliseconds: number): void {
    if (this.stopped) {
      return;
    }
    this.timer = setTimeout(() => {
      this.next(this.options.config.periodMs); // a slow answer does not move the times of the reports
      void this.report();
    }, milliseconds);
    this.timer.unref();
  }

  private async reportNow(): Promise<void> {
    if (this.sending.length > 0) {
      await this.sendAll();
    }
    if (this.sending.length === 0) {
      this.sending = this.take();
      await this.save(); // before it is sent: a run after this one must not count it anew
      await this.sendAll();
    }
  }

  /** Ends without an error where a report was not taken: its counts are in the next one. */
  private async sendAll(): Promise<void> {
    this.dropOld();
    const topic = `$aws/rules/${this.options.config.ruleName}/${HEALTH_TOPIC}/${this.options.thingName}`;
    for (const report of this.sending) {
      try {
        await this.options.publish(topic, JSON.stringify(report));
        this.sending = this.sending.filter(({ id }) => id !== report.id);
        this.answered();
      } catch (error) {
        this.unanswered(error);
        if (error instanceof NotTaken) {
          this.takeBack(report);
        }
        break;
      }
    }
    await this.save();
  }

  private answered(): void {
    if (this.failures > 0) {
      this.options.logger.info('the health of the device is reported again', { afterFailures: this.failures });
    }
    this.failures = 0;
  }

  private unanswered(error: unknown): void {
    this.failures += 1;
    const fields = { reason: messageOf(error), ...(error instanceof Error ? { error: error.name } : {}) };
    this.options.logger[this.failures === 1 ? 'warn' : 'debug']('a report of health was not taken; it is merged with the next one', fields);
  }

  /** The reports of one period were made together, and what is not sent yet goes back together. */
  private takeBack(failed: HealthReport): void {
    const back = this.sending.filter((report) => report.to === failed.to);
    for (const { from, models } of back) {
      this.counts.add(models);
      this.since = Math.min(this.since, from);
    }
    this.sending = this.sending.filter((report) => !back.includes(report));
  }

  private dropOld(): void {
    const oldest = this.now() - OLDEST_MS;
    const kept = this.sending.filter(({ to }) => to >= oldest);
    if (kept.length < this.sending.length) {
      this.options.logger.warn('reports of health are too old to be counted and are dropped', { reports: this.sending.length - kept.length });
    }
    this.sending = kept;
  }

  /** All counts as reports of at most 4 kB: one, but for a device with many models. */
  private take(): HealthReport[] {
    const gauges = this.options.gauges();
    gauges.models.forEach((model) => {
      this.counts.loaded(model);
    });
    const to = Math.round(this.now());
    const elapsed = Math.round(performance.now() - this.monotonicSince);
    const from = this.since <= to ? this.since : Math.max(0, to - elapsed); // the clock was set back
    this.drift.judge();
    const models = this.counts.list().map((model) => this.withVerdict(model));
    this.counts = new HealthCounts();
    this.since = to;
    this.monotonicSince = performance.now();
    return this.split(models, (part) => ({
      v: HEALTH_REPORT_VERSION,
      id: randomBytes(8).toString('hex'),
      from,
      to,
      fleet: this.options.fleetName,
      ring: this.options.config.ring,
      agent: AGENT_VERSION,
      uptime: Math.round((performance.now() - this.started) / 1000),
      memory: gauges.memory,
      spool: gauges.spool,
      queue: gauges.queue,
      models: part,
    }));
  }

  private withVerdict(model: ModelHealth): ModelHealth {
    const drifted = model.drift === undefined ? undefined : this.drift.drifted({ id: model.drift.baseline });
    return model.drift === undefined || drifted === undefined ? model : { ...model, drift: { ...model.drift, drifted } };
  }

  private split(models: readonly ModelHealth[], make: (part: readonly ModelHealth[]) => HealthReport): HealthReport[] {
    const reports: HealthReport[] = [];
    let part: ModelHealth[] = [];
    for (const model of models) {
      if (part.length > 0 && Buffer.byteLength(JSON.stringify(make([...part, model]))) > HEALTH_REPORT_MAX_BYTES) {
        reports.push(make(part));
        part = [];
      }
      part.push(model);
    }
    return [...reports, make(part)];
  }

  private save(): Promise<void> {
    return this.options.store.write({ sending: this.sending, since: this.since, models: this.counts.list() });
  }

  private async restore(): Promise<void> {
    const found = await this.options.store.read().catch((error: unknown) => {
      this.options.logger.warn('what an earlier run has not reported cannot be read', { reason: messageOf(error) });
      return undefined;
    });
    if (found !== undefined) {
      this.sending = found.sending;
      this.since = Math.min(this.since, found.since);
      this.counts.add(found.models);
    }
  }
}
