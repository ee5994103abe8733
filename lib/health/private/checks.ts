import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { RING_NAME } from '../../agent/private/health-report';
import { ENTITY_NAME, validateText, ValidationError } from '../../private/validation';
import type { MonitoredModel } from '../monitored-model';
import type { KnownModel } from './contract';

const MOST_RINGS = 5;
/** The environment of a function has 4 kB, and its other settings need a part of it. */
const MOST_BASELINE_BYTES = 2600;

/** What the functions are told of the models. */
export function knownModels(owner: IConstruct, models: readonly MonitoredModel[]): KnownModel[] {
  const baselines = models.flatMap(({ _baseline }) => _baseline ?? []);
  const bytes = JSON.stringify(baselines).length;
  if (bytes > MOST_BASELINE_BYTES) {
    throw new ValidationError(owner, `the drift baselines of models must have at most ${MOST_BASELINE_BYTES} bytes together in the settings of a function, got ${bytes} `
      + `of ${baselines.length} models: make a FleetHealth for each part of the fleet`);
  }
  return models.flatMap(({ modelName: name, modelVersions, _baseline: baseline }) => (
    modelVersions.map((version, index) => ({ name, version, ...baseline && index === 0 ? { baseline } : {} }))
  ));
}

/** A fleet by its names. */
interface Fleet {
  readonly fleetName: string;
  readonly namespace: string;
  readonly models: readonly MonitoredModel[];
  readonly rings: readonly string[];
}

/** What the metrics of a fleet are named by. */
export function validateFleet(owner: IConstruct, { fleetName, namespace, models, rings }: Fleet): void {
  validateText(owner, 'fleetName', fleetName, ENTITY_NAME);
  validateText(owner, 'metricNamespace', namespace, {
    min: 1, max: 255, pattern: /^(?!AWS\/)[\w.\-/#:]+$/, wanted: 'letters, digits and _ . - / # :, and not begin with AWS/',
  });
  if (models.length === 0) {
    throw new ValidationError(owner, 'models must have at least one, got none');
  }
  const names = models.map(({ modelName }) => modelName).filter((name) => !Token.isUnresolved(name));
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new ValidationError(owner, `models must have different names, got '${twice}' twice: name all its versions in one`);
  }
  checkRings(owner, rings);
}

function checkRings(owner: IConstruct, rings: readonly string[]): void {
  if (rings.length === 0 || rings.length > MOST_RINGS) {
    throw new ValidationError(owner, `rings must be 1 to ${MOST_RINGS}, got ${rings.length}`);
  }
  for (const [index, ring] of rings.entries()) {
    validateText(owner, 'rings', ring, { pattern: RING_NAME, wanted: '1 to 32 letters, digits, hyphens and underscores' });
    if (rings.indexOf(ring) !== index) {
      throw new ValidationError(owner, `rings must be different, got '${ring}' twice`);
    }
  }
}
