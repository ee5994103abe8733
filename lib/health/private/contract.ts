// What the constructs of a fleet's health tell its functions, and what they agree on.

/** What the constructs tell the functions, as JSON in one environment variable. */
export interface HealthSettings {
  readonly fleetName: string;
  readonly models: readonly KnownModel[];
  readonly rings: readonly string[];
  readonly namespace: string;
  /** The table with what was counted by now. */
  readonly ledgerTable: string;
  /** The table with a row a device. */
  readonly deviceTable: string;
  readonly deliveryStream: string;
  /** A device that was not heard of for as long is silent. */
  readonly silentSeconds: number;
}

/** A version of a model that devices may report. */
export interface KnownModel {
  readonly name: string;
  readonly version: string;
  /** Where the model has one. */
  readonly baseline?: KnownBaseline;
}

/** What predictions are compared with. */
export interface KnownBaseline {
  /** As devices name it. */
  readonly id: string;
  /** By feature: the samples in each bin. */
  readonly counts: Readonly<Record<string, readonly number[]>>;
}

/** The environment variable. */
export const HEALTH_SETTINGS = 'HEALTH_SETTINGS';

/** The metrics of a model, a version and a ring. Those of drift are there where the version has a baseline. */
export const SERIES_METRICS = [
  'Predictions', 'Errors', 'Latency', 'Reports', 'DriftSeverity', 'DriftDivergence', 'DriftDistance', 'DriftedDevices',
] as const;
export const METRICS_PER_SERIES = SERIES_METRICS.length;

/** Those of the whole fleet. */
export const FLEET_METRICS = [
  'CaptureBacklog', 'Memory', 'RejectedReports', 'DevicesReporting', 'DevicesSilent', 'SilentPercent',
] as const;

/** Why a report is not counted: the values of the dimension `Reason`. */
export const REJECTIONS = [
  'TooLarge', 'NotJson', 'BadForm', 'UnknownFleet', 'UnknownRing', 'UnknownModel', 'Future', 'TooOld',
] as const;
export type Rejection = (typeof REJECTIONS)[number];

/** CloudWatch charges for each: a mistake must not cost more than this. */
export const MAX_METRICS = 500;

/** How many custom metrics a fleet has, whatever the number of its devices. */
export function metricCount(models: number, rings: number): number {
  return models * rings * METRICS_PER_SERIES + FLEET_METRICS.length + REJECTIONS.length;
}

/** Partition and sort key of the ledger, and the key of the table of devices. */
export const LEDGER_KEYS = ['minute', 'batch'] as const;
export const DEVICE_KEY = 'thing';
/** Where a row ends. */
export const EXPIRES = 'expires';
/** The key of the row that is no device's: the findings of the last census. A thing's name has no such character. */
export const CENSUS_ROW = '#census';
