import {
  HEALTH_REPORT_VERSION, LATENCY_BUCKETS, RING_NAME, type DriftHealth, type HealthReport, type ModelHealth,
} from '../../../lib/agent/private/health-report';
import { FEATURE_NAME, LONGEST_FEATURE_NAME, MOST_BINS, MOST_FEATURES } from '../../../lib/model/private/drift-statistics';
import { isRecord } from '../../shared/properties';

const ID = /^[0-9a-f]{16}$/;
const FLEET_NAME = /^[a-zA-Z0-9]([-_]*[a-zA-Z0-9])*$/;
const ERROR_CODE = /^[A-Z_]{2,19}$/;
const REPORT_KEYS = ['v', 'id', 'from', 'to', 'fleet', 'ring', 'agent', 'uptime', 'memory', 'spool', 'queue', 'models'];
const MODEL_KEYS = ['name', 'version', 'predictions', 'errors', 'latency', 'drift'];
const DRIFT_KEYS = ['baseline', 'counts', 'drifted'];
const MOST_MODELS = 32;
const MOST_CODES = 16;
const LONGEST_FLEET_NAME = 63;
const LONGEST_AGENT = 30;
const LONGEST_NAME = 255;
const FEWEST_BINS = 3;

/**
 * A report that follows agent/health/report.schema.json, and whose numbers agree with each other. Undefined: it does not.
 *
 * Written by hand, since it runs for each report of each device.
 */
export function parseReport(value: unknown): HealthReport | undefined {
  if (!isRecord(value) || !hasOnly(value, REPORT_KEYS)) {
    return undefined;
  }
  const { v, id, from, to, fleet, ring, agent, uptime, memory, spool, queue, models } = value;
  const isNamed = v === HEALTH_REPORT_VERSION && fits(id, ID) && fits(ring, RING_NAME)
    && fits(fleet, FLEET_NAME) && fleet.length <= LONGEST_FLEET_NAME && isText(agent, 1, LONGEST_AGENT);
  const isMeasured = isCount(uptime) && isCount(memory) && isCount(spool) && isCount(queue) && isCount(from) && isCount(to);
  if (!isNamed || !isMeasured || from > to || !Array.isArray(models) || models.length > MOST_MODELS) {
    return undefined;
  }
  const read = models.map(parseModel);
  const isWhole = read.every((model) => model !== undefined);
  return isWhole ? { v, id, from, to, fleet, ring, agent, uptime, memory, spool, queue, models: read } : undefined;
}

function parseModel(value: unknown): ModelHealth | undefined {
  if (!isRecord(value) || !hasOnly(value, MODEL_KEYS)) {
    return undefined;
  }
  const { name, version, predictions, errors, latency, drift } = value;
  if (!isText(name, 1, LONGEST_NAME) || !isText(version, 0, LONGEST_NAME) || !isCount(predictions) || !isCounts(errors)) {
    return undefined;
  }
  if (!Array.isArray(latency) || latency.length !== LATENCY_BUCKETS || !latency.every(isCount)) {
    return undefined;
  }
  const counted = latency.reduce((sum, count) => sum + count, 0);
  if (counted !== predictions || !(drift === undefined || isDrift(drift, predictions))) {
    return undefined;
  }
  return { name, version, predictions, errors, latency, ...drift === undefined ? {} : { drift } };
}

function isDrift(value: unknown, predictions: number): value is DriftHealth {
  if (!isRecord(value) || !hasOnly(value, DRIFT_KEYS) || !fits(value.baseline, ID) || !isRecord(value.counts)) {
    return false;
  }
  const { drifted } = value;
  const features = Object.entries(value.counts);
  const isSized = features.length > 0 && features.length <= MOST_FEATURES;
  const isNamed = drifted === undefined || (Array.isArray(drifted) && drifted.length <= MOST_FEATURES && drifted.every(isFeatureName));
  return isSized && isNamed && features.every(([name, counts]) => isFeatureName(name) && isBinned(counts, predictions));
}

function isFeatureName(value: unknown): value is string {
  return fits(value, FEATURE_NAME) && value.length <= LONGEST_FEATURE_NAME;
}

/** Each prediction is in one bin at most. */
function isBinned(value: unknown, predictions: number): boolean {
  return Array.isArray(value) && value.length >= FEWEST_BINS && value.length <= MOST_BINS && value.every(isCount)
    && value.reduce((sum, count) => sum + count, 0) <= predictions;
}

function isCounts(value: unknown): value is Record<string, number> {
  if (!isRecord(value)) {
    return false;
  }
  const entries = Object.entries(value);
  return entries.length <= MOST_CODES && entries.every(([code, count]) => ERROR_CODE.test(code) && isCount(count));
}

function hasOnly(value: object, keys: readonly string[]): boolean {
  return Object.keys(value).every((key) => keys.includes(key));
}

function fits(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value);
}

function isText(value: unknown, min: number, max: number): value is string {
  return typeof value === 'string' && value.length >= min && value.length <= max;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
