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

/** For people. A fleet with one ring does not tell it. */
export function labelOf({ rings }: FleetHealth, { modelName, modelVersion, ring }: SeriesOf): string {
  return `${modelName} ${modelVersion}${rings.length > 1 ? ` ${ring}` : ''}`;
}
