import type { FleetHealth } from '../fleet-health';

/** A version of a model in a ring: each has its own metrics. */
export interface SeriesOf {
  readonly modelName: string;
  readonly modelVersion: string;
  readonly ring: string;
}

/** All that a fleet has: the models in their order, the newest version of each first. */
export function seriesOf({ models, rings }: FleetHealth): SeriesOf[] {
  return models.flatMap(({ modelName, modelVersions }) => (
    modelVersions.flatMap((modelVersion) => rings.map((ring) => ({ modelName, modelVersion, ring })))
  ));
}

/** Those of which devices say whether they have drifted: the newest versions of models with a baseline. */
export function watchedSeriesOf({ models, rings }: FleetHealth): SeriesOf[] {
  return models.filter(({ _baseline }) => _baseline).flatMap(({ modelName, modelVersions }) => (
    modelVersions.slice(0, 1).flatMap((modelVersion) => rings.map((ring) => ({ modelName, modelVersion, ring })))
  ));
}

/** For people. A fleet with one ring does not tell it. */
export function labelOf({ rings }: FleetHealth, { modelName, modelVersion, ring }: SeriesOf): string {
  return `${modelName} ${modelVersion}${rings.length > 1 ? ` ${ring}` : ''}`;
}
