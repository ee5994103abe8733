import { setTimeout as sleep } from 'node:timers/promises';
import { instanceSize } from '../../../lib/endpoint/private/instance-types';
import type { ProductionVariant } from '../types';
import { Workers, type Capacity } from './capacity';
import { QUEUE_FULL, TIMED_OUT, type ContainerAnswer } from './errors';
import type { Gauge, MetricSource, VariantMetrics } from './metrics';
import type { ModelProcess } from './model-process';

/** How long SageMaker waits for a container. */
const ANSWER_MS = 60_000;
/** Requests that wait for an undeclared capacity, which is one process here, an instance. */
const REAL_QUEUE = 100;
const MEMORY_PERCENT = 40;
/** Of an instance type that the library knows no size of. */
const UNKNOWN_VCPUS = 4;
/** Of an instance with nothing to do. */
const IDLE_PERCENT = 1;

/** What a container answered, and how long it took with the wait in its queue. */
export interface VariantAnswer extends ContainerAnswer { readonly modelMs: number }

/** A production variant with its instances: containers that have come up. */
export class RunningVariant implements MetricSource {
  public desiredInstances: number;
  public currentWeight: number;
  public desiredWeight: number;
  private workers: Workers[] = [];
  private outstanding = 0;
  private isClosed = false;

  public constructor(
    public readonly settings: ProductionVariant, public readonly image: string, private readonly process: ModelProcess,
    public readonly metrics: VariantMetrics, private readonly periodMs: number, private readonly capacity: () => Capacity | undefined,
  ) {
    this.desiredInstances = settings.InitialInstanceCount ?? 1;
    this.currentWeight = settings.InitialVariantWeight ?? 1;
    this.desiredWeight = this.currentWeight;
    this.instances = this.desiredInstances;
  }

  public get name(): string {
    return this.settings.VariantName;
  }

  public get instances(): number {
    return this.workers.length;
  }

  public set instances(count: number) {
    this.workers = Array.from({ length: count }, (_, index) => this.workers[index] ?? new Workers());
  }

  /** What the container answers. Throws where its process has ended. */
  public async answer(body: Buffer): Promise<VariantAnswer> {
    const capacity = this.capacity();
    return capacity ? this.declared(body, capacity) : this.real(body);
  }

  public gauge(start: number): Gauge | undefined {
    if (this.isClosed) {
      return undefined;
    }
    const { instances, settings: { InstanceType = '' } } = this;
    const declared = this.capacity();
    const busy = this.metrics.busyMs(start) / (this.periodMs * instances);
    const ceiling = (instanceSize(InstanceType)?.vcpus ?? UNKNOWN_VCPUS) * 100;
    const cpu = declared ? busy / declared.concurrency * ceiling * (declared.cpuPercent ?? 100) / 100 : busy * 100;
    return {
      instances, cpuPercent: Number(Math.min(ceiling, IDLE_PERCENT + cpu).toFixed(2)),
      memoryPercent: declared?.memoryPercent ?? MEMORY_PERCENT,
    };
  }

  public async close(): Promise<void> {
    this.isClosed = true;
    await this.process.close();
  }

  /** The answer is the model's own, the time the one that was declared. */
  private async declared(body: Buffer, capacity: Capacity): Promise<VariantAnswer> {
    const now = performance.timeOrigin + performance.now();
    const turn = this.instance(now).take(now, capacity);
    if (!turn) {
      return { ...QUEUE_FULL, modelMs: 0 };
    }
    this.metrics.busy(turn.startsAt, turn.endsAt);
    const modelMs = turn.endsAt - now;
    if (modelMs > ANSWER_MS) {
      await sleep(ANSWER_MS, undefined, { ref: false });
      return { ...TIMED_OUT, modelMs: ANSWER_MS };
    }
    const [answer] = await Promise.all([this.process.inferOnce(body), until(turn.endsAt)]);
    return { ...answer, modelMs };
  }

  private async real(body: Buffer): Promise<VariantAnswer> {
    if (this.outstanding > REAL_QUEUE * this.instances) {
      return { ...QUEUE_FULL, modelMs: 0 };
    }
    const started = performance.now();
    const answered = new AbortController();
    this.outstanding += 1;
    try {
      const answer = await Promise.race([this.process.infer(body), sleep(ANSWER_MS, undefined, { ref: false, signal: answered.signal })]);
      const now = Date.now();
      this.metrics.busy(now - (answer?.cpuMs ?? 0), now);
      return { ...answer ?? TIMED_OUT, modelMs: performance.now() - started };
    } finally {
      answered.abort();
      this.outstanding -= 1;
    }
  }

  /** By the variant's routing strategy; SageMaker's default is a random one. */
  private instance(now: number): Workers {
    const { workers, settings: { RoutingConfig } } = this;
    const [first = new Workers()] = workers;
    if (RoutingConfig?.RoutingStrategy !== 'LEAST_OUTSTANDING_REQUESTS') {
      return workers[Math.floor(Math.random() * workers.length)] ?? first;
    }
    return workers.reduce((least, other) => (other.outstanding(now) < least.outstanding(now) ? other : least), first);
  }
}

/** A timer rounds down to whole milliseconds: what is left of the last one is lost in the network's noise. */
async function until(at: number): Promise<void> {
  const wait = at - (performance.timeOrigin + performance.now());
  if (wait > 0) {
    await sleep(wait, undefined, { ref: false });
  }
}
