import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from '../../service/errors';
import type { Context } from '../context';
import type { DesiredCapacities, EndpointUpdate } from '../types';
import type { Capacities } from './capacity';
import { EndpointFailure, type Containers } from './containers';
import type { EndpointDelays, Pause } from './contracts';
import { enter, type Endpoint } from './endpoint';
import type { EndpointConfig } from './endpoint-configs';
import { VariantMetrics, type MetricPublisher } from './metrics';
import { container, type Models } from './models';
import { RunningVariant } from './variant';

const DEFAULTS = { creatingMs: 1500, updatingMs: 1500, deletingMs: 500 };
const NEVER_MS = 2 ** 31 - 1;

export interface EndpointLifeOptions {
  readonly context: Context;
  readonly models: Models;
  readonly containers: Containers;
  readonly capacities: Capacities;
  readonly publisher: MetricPublisher | undefined;
  readonly delays: EndpointDelays | undefined;
  readonly pause: Pause | undefined;
}

/** What happens to endpoints between their states, in the background. */
export class EndpointLife {
  private readonly running = new Set<Promise<void>>();
  private readonly delays: Required<EndpointDelays>;
  private readonly pause: Pause;

  public constructor(private readonly options: EndpointLifeOptions) {
    this.delays = { ...DEFAULTS, ...options.delays };
    this.pause = options.pause ?? (async (ms, signal) => sleep(ms, undefined, { ref: signal !== undefined, ...signal ? { signal } : {} }));
  }

  /** Creating → InService or Failed. */
  public create(endpoint: Endpoint): void {
    this.track(endpoint, async (signal) => {
      try {
        await this.pause(this.delays.creatingMs, signal);
        endpoint.variants = await this.bringUp(endpoint, endpoint.config, signal);
        enter(endpoint, 'InService');
      } catch (error) {
        signal.throwIfAborted();
        enter(endpoint, 'Failed', reasonOf(error));
      }
    });
  }

  /** Updating → InService with the new configuration, or RollingBack → InService with the old one. */
  public update(endpoint: Endpoint, config: EndpointConfig, request: EndpointUpdate): void {
    const { RetainAllVariantProperties, ExcludeRetainedVariantProperties } = request;
    this.track(endpoint, async (signal) => {
      const before = endpoint.variants;
      try {
        await this.pause(this.delays.updatingMs, signal);
        const variants = await this.bringUp(endpoint, config, signal);
        if (RetainAllVariantProperties === true) {
          const excluded = (ExcludeRetainedVariantProperties ?? []).map(({ VariantPropertyType }) => VariantPropertyType);
          retain(variants, before, excluded);
        }
        endpoint.variants = variants;
        endpoint.config = config;
        enter(endpoint, 'InService');
        await this.takeDown(before);
      } catch (error) {
        signal.throwIfAborted();
        enter(endpoint, 'RollingBack', reasonOf(error));
        await this.pause(this.delays.updatingMs, signal);
        enter(endpoint, 'InService', endpoint.reason);
      }
    });
  }

  /** Updating → InService with other numbers of instances, and other weights. */
  public scale(endpoint: Endpoint, wanted: DesiredCapacities): void {
    for (const { VariantName, DesiredInstanceCount, DesiredWeight } of wanted) {
      const variant = endpoint.variants.find(({ name }) => name === VariantName);
      if (variant) {
        variant.desiredInstances = DesiredInstanceCount ?? variant.desiredInstances;
        variant.desiredWeight = DesiredWeight ?? variant.desiredWeight;
      }
    }
    this.track(endpoint, async (signal) => {
      await this.pause(this.delays.updatingMs, signal);
      for (const variant of endpoint.variants) {
        variant.instances = variant.desiredInstances;
        variant.currentWeight = variant.desiredWeight;
      }
      enter(endpoint, 'InService');
    });
  }

  /** Deleting → gone. */
  public delete(endpoint: Endpoint, gone: () => void): void {
    endpoint.stop.abort();
    const ending = (async () => {
      await this.pause(this.delays.deletingMs);
      await this.takeDown(endpoint.variants);
      gone();
    })();
    this.keep(ending);
  }

  /** Resolves when nothing is left of any endpoint. */
  public async close(endpoints: Iterable<Endpoint>): Promise<void> {
    for (const endpoint of endpoints) {
      endpoint.stop.abort();
      await this.takeDown(endpoint.variants);
    }
    await Promise.all(this.running);
  }

  private track(endpoint: Endpoint, work: (signal: AbortSignal) => Promise<void>): void {
    const { stop: { signal } } = endpoint;
    this.keep(work(signal).catch((error: unknown) => {
      if (!signal.aborted) {
        enter(endpoint, 'Failed', reasonOf(error));
      }
    }));
  }

  private keep(work: Promise<void>): void {
    const ended = work.finally(() => {
      this.running.delete(ended);
    });
    this.running.add(ended);
  }

  private async bringUp(endpoint: Endpoint, { name, request }: EndpointConfig, signal: AbortSignal): Promise<RunningVariant[]> {
    const fault = this.options.context.faults.takeJob(endpoint.name);
    if (fault?.become === 'NEVER_ENDING') {
      await sleep(NEVER_MS, undefined, { signal, ref: false });
    }
    const variants: RunningVariant[] = [];
    try {
      for (const settings of request.ProductionVariants) {
        variants.push(await this.variant(endpoint.name, name, settings));
        signal.throwIfAborted();
      }
      if (fault) {
        throw new EndpointFailure(fault.reason ?? 'The stand-in was asked for a failure');
      }
      return variants;
    } catch (error) {
      await this.takeDown(variants);
      throw error;
    }
  }

  private async variant(endpoint: string, config: string, settings: RunningVariant['settings']): Promise<RunningVariant> {
    const { models, containers, capacities, publisher } = this.options;
    const model = models.get(settings.ModelName ?? '');
    const process = await containers.start(endpoint, settings.VariantName, model);
    const periodMs = publisher?.periodMs ?? 60_000;
    const metrics = new VariantMetrics(
      [{ Name: 'EndpointName', Value: endpoint }, { Name: 'VariantName', Value: settings.VariantName }],
      periodMs,
    );
    const image = container(model).Image ?? config;
    const variant = new RunningVariant(settings, image, process, metrics, periodMs, () => capacities.of(endpoint));
    publisher?.add(variant);
    return variant;
  }

  private async takeDown(variants: readonly RunningVariant[]): Promise<void> {
    for (const variant of variants) {
      this.options.publisher?.remove(variant);
      await variant.close();
    }
  }
}

function retain(variants: readonly RunningVariant[], before: readonly RunningVariant[], excluded: readonly string[]): void {
  for (const variant of variants) {
    const old = before.find(({ name }) => name === variant.name);
    if (old && !excluded.includes('DesiredInstanceCount')) {
      variant.desiredInstances = old.desiredInstances;
      variant.instances = old.instances;
    }
    if (old && !excluded.includes('DesiredWeight')) {
      variant.desiredWeight = old.desiredWeight;
      variant.currentWeight = old.currentWeight;
    }
  }
}

function reasonOf(error: unknown): string {
  return error instanceof EndpointFailure ? error.message : `Request to service failed. If failure persists after retry, contact customer support. (${errorText(error)})`;
}
