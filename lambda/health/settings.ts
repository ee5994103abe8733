import { MAX_METRICS, metricCount, type HealthSettings, type KnownBaseline } from '../../lib/health/private/contract';
import { asRecord, isRecord, PropertyReader } from '../shared/properties';

/** Reads what the construct wrote. Throws with the name of what is wrong, and where it would make too many metrics. */
export function parseSettings(text: string | undefined): HealthSettings {
  const json: unknown = JSON.parse(text ?? 'null');
  const reader = new PropertyReader(asRecord(json, 'the settings of the health of a fleet'));
  const settings: HealthSettings = {
    fleetName: reader.text('fleetName'),
    models: reader.objects('models').map((model, index) => ({
      name: model.text('name'), version: model.text('version'), ...baselineOf(json, index),
    })),
    rings: reader.textList('rings'),
    namespace: reader.text('namespace'),
    ledgerTable: reader.text('ledgerTable'),
    deviceTable: reader.text('deviceTable'),
    deliveryStream: reader.text('deliveryStream'),
    silentSeconds: reader.wholeNumber('silentSeconds', 1),
  };
  const metrics = metricCount(settings.models.length, settings.rings.length);
  if (metrics > MAX_METRICS) {
    throw new Error(`a fleet may have at most ${MAX_METRICS} custom metrics, got ${metrics}: name fewer models, versions or rings`);
  }
  return settings;
}

/** Most models have none. */
function baselineOf(settings: unknown, index: number): { readonly baseline?: KnownBaseline } {
  const models: unknown[] = isRecord(settings) && Array.isArray(settings.models) ? settings.models : [];
  const model = models[index];
  if (!isRecord(model) || model.baseline === undefined) {
    return {};
  }
  if (!isBaseline(model.baseline)) {
    throw new Error('the baseline of a model must have an id, and counts by feature');
  }
  return { baseline: model.baseline };
}

function isBaseline(value: unknown): value is KnownBaseline {
  return isRecord(value) && typeof value.id === 'string' && isRecord(value.counts)
    && Object.values(value.counts).every((counts) => Array.isArray(counts) && counts.every((count) => typeof count === 'number'));
}
