import type { ControllerSettings } from '../../../lib/endpoint/private/load-test/contract';
import { asRecord, PropertyReader } from '../../shared/properties';

/** Reads what the construct wrote. Throws with the name of what is wrong. */
export function parseSettings(text: string | undefined): ControllerSettings {
  const json: unknown = JSON.parse(text ?? 'null');
  const reader = new PropertyReader(asRecord(json, 'the settings of the controller'));
  const figures = reader.optionalObject('payloadFigures');
  return {
    endpointName: reader.text('endpointName'),
    variantName: reader.optionalText('variantName'),
    region: reader.text('region'),
    resultsBucket: reader.text('resultsBucket'),
    contentType: reader.text('contentType'),
    payloads: reader.optionalText('payloads'),
    payloadFigures: figures === undefined ? undefined : { count: figures.wholeNumber('count', 0), bytes: figures.measure('bytes') },
    cluster: reader.text('cluster'),
    masterTaskDefinition: reader.text('masterTaskDefinition'),
    workerTaskDefinition: reader.text('workerTaskDefinition'),
    masterSecurityGroup: reader.text('masterSecurityGroup'),
    workerSecurityGroup: reader.text('workerSecurityGroup'),
    subnets: reader.textList('subnets'),
    assignPublicIp: reader.flag('assignPublicIp'),
    users: reader.measures('users'),
    settleSeconds: reader.measure('settleSeconds'),
    holdSeconds: reader.measure('holdSeconds'),
    targetTps: reader.optionalMeasure('targetTps'),
    p99Ms: reader.optionalMeasure('p99Ms'),
    errorPercent: reader.measure('errorPercent'),
    workers: reader.wholeNumber('workers', 1),
    maxWorkers: reader.wholeNumber('maxWorkers', 1),
    metricPeriodSeconds: reader.wholeNumber('metricPeriodSeconds', 1),
    metricDelaySeconds: reader.wholeNumber('metricDelaySeconds', 1),
    startSeconds: reader.wholeNumber('startSeconds', 1),
  };
}
