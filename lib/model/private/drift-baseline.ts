import { createHash } from 'node:crypto';
import { FEATURE_NAME, LONGEST_FEATURE_NAME, MOST_BINS, MOST_FEATURES } from './drift-statistics';

// What the inputs and outputs of a model were like when it was trained: for the client that makes it, the construct that packs it, the
// agent that counts in its bins, and the function that compares. This file must not import aws-cdk-lib.

/** Its file in the package of a model. */
export const BASELINE_FILE = 'drift-baseline.json';
export const BASELINE_VERSION = 1;
export const BASELINE_MAX_BYTES = 65_536;
/** Fewer samples say too little of a tenth of them. */
export const BASELINE_MIN_SAMPLES = 30;
/** A feature that is measured has more values, unless samples repeat each other. */
export const BASELINE_MIN_VALUES = 10;

/** One number of each prediction, such as the mean of its input. */
export interface FeatureBaseline {
  /** Where its bins begin and end, ascending. The first bin is all below the first edge, and an edge belongs to the bin above it. */
  readonly edges: readonly number[];
  /** The samples in each bin. The last one is of those that gave no number: there is one more than there are bins. */
  readonly counts: readonly number[];
}

export interface Baseline {
  readonly v: typeof BASELINE_VERSION;
  /** Of the `.onnx` file. */
  readonly modelSha256: string;
  readonly samples: number;
  readonly features: Readonly<Record<string, FeatureBaseline>>;
}

/** The baseline in a file's text, or what is wrong with it. */
export function parseBaseline(text: string): Baseline | { readonly problem: string } {
  const json = tryJson(text);
  if (!isRecord(json) || json.v !== BASELINE_VERSION) {
    return { problem: `a baseline must be JSON with "v": ${BASELINE_VERSION}, as agent-client.js Baseline writes it, got '${text.slice(0, 40)}'` };
  }
  const { modelSha256, samples, features } = json;
  if (typeof modelSha256 !== 'string' || !/^[0-9a-f]{64}$/.test(modelSha256)) {
    return { problem: `modelSha256 of a baseline must be 64 hexadecimal digits, got ${shown(modelSha256)}` };
  }
  if (!isCount(samples) || samples < BASELINE_MIN_SAMPLES) {
    return { problem: `a baseline must be of at least ${BASELINE_MIN_SAMPLES} samples, got ${shown(samples)}` };
  }
  const entries = isRecord(features) ? Object.entries(features) : [];
  if (entries.length === 0 || entries.length > MOST_FEATURES) {
    return { problem: `a baseline must have 1 to ${MOST_FEATURES} features, got ${entries.length}` };
  }
  const read: Record<string, FeatureBaseline> = {};
  for (const [name, feature] of entries) {
    if (!FEATURE_NAME.test(name) || name.length > LONGEST_FEATURE_NAME || !isFeature(feature, samples)) {
      return { problem: `feature ${shown(name)} of a baseline must have ascending edges, and counts of ${samples} samples for them, got ${shown(feature)}` };
    }
    read[name] = { edges: feature.edges, counts: feature.counts };
  }
  return { v: BASELINE_VERSION, modelSha256, samples, features: read };
}

/** 16 hexadecimal digits: counts in the bins of one baseline are not those of another. */
export function baselineId({ features }: Pick<Baseline, 'features'>): string {
  const sorted = Object.entries(features).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, { edges, counts }]) => [name, edges, counts]);
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16);
}

/** By feature: the samples in each bin, as what comes is compared with them. */
export function countsOf({ features }: Pick<Baseline, 'features'>): Record<string, readonly number[]> {
  return Object.fromEntries(Object.entries(features).map(([name, { counts }]) => [name, counts]));
}

/** The bin of a number. */
export function binOf({ edges, counts }: FeatureBaseline, value: number | null | undefined): number {
  if (value === undefined || value === null || !Number.isFinite(value)) {
    return counts.length - 1;
  }
  const above = edges.findIndex((edge) => value < edge);
  return above < 0 ? edges.length : above;
}

function isFeature(value: unknown, samples: number): value is FeatureBaseline {
  if (!isRecord(value) || !Array.isArray(value.edges) || !Array.isArray(value.counts)) {
    return false;
  }
  const edges: unknown[] = value.edges;
  const counts: unknown[] = value.counts;
  const ascends = edges.every((edge, index) => typeof edge === 'number' && Number.isFinite(edge) && (index === 0 || edge > Number(edges[index - 1])));
  const fits = edges.length > 0 && counts.length === edges.length + 2 && counts.length <= MOST_BINS;
  return ascends && fits && counts.every(isCount) && counts.reduce((sum, count) => sum + count, 0) === samples;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 80);
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
