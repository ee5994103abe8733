import { MAX_METRICS, metricCount, type HealthSettings } from '../../lib/health/private/contract';
import { asRecord, PropertyReader } from '../shared/properties';

/** Reads what the construct wrote. Throws with the name of what is wrong, and where it would make too many metrics. */
export function parseSettings(text: string | undefined): HealthSettings {
  const json: unknown = JSON.parse(text ?? 'null');
  const reader = new PropertyReader(asRecord(json, 'the settings of the health of a fleet'));
  const settings: HealthSettings = {
    fleetName: reader.text('fleetName'),
    models: reader.objects('models').map((model) => ({ name: model.text('name'), version: model.text('version') })),
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
