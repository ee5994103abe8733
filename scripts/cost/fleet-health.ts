import { PRICES, priceOfMetrics } from './prices';

/** What is supposed of a fleet. */
export const ASSUMED = { reportMinutes: 5, reportBytes: 600, perDeviceMetrics: 8, metrics: 16, alarms: 6, rowsAnHour: 2 } as const;

const HOURS = 730;
const GIGA = 1e9;
/** Of the aggregator: see lib/health. */
const MOST_PER_BATCH = 1000;
const BATCHES_A_MINUTE = 1;
const MEMORY_GB = 0.5;
/** Most of a batch's time is spent on calls. Measured: 7.6 ms of CPU. */
const BATCH_SECONDS = 0.6;
const KEY_BYTES = 8;
/** What an entry of the ledger has beside its keys. */
const ENTRY_BYTES = 3000;
/** Firehose writes an object as often. */
const OBJECTS_AN_HOUR = 12;

/** What the devices of a fleet send a month. */
export function reportsOf(devices: number, reportMinutes: number = ASSUMED.reportMinutes): number {
  return devices * HOURS * 60 / reportMinutes;
}

export interface Part { readonly what: string; readonly usd: number }

/** What the health of a fleet costs a month, by parts, as this library builds it. */
export function partsOf(devices: number, reportMinutes: number = ASSUMED.reportMinutes): Part[] {
  const reports = reportsOf(devices, reportMinutes);
  const minutes = HOURS * 60;
  const batches = Math.max(minutes * BATCHES_A_MINUTE, reports / MOST_PER_BATCH);
  const entryUnits = Math.ceil((reports / batches * KEY_BYTES + ENTRY_BYTES) / 1024);
  const gigabytes = reports * ASSUMED.reportBytes / GIGA;
  return [
    { what: 'the rule and its action', usd: reports * 2 * PRICES.ruleOrAction },
    { what: 'SQS: each message is sent, and received and deleted in tens', usd: reports * 1.2 * PRICES.queueRequest },
    {
      what: 'the tables: a row of a device twice an hour, and an entry of the ledger for each batch, written twice',
      usd: (devices * HOURS * ASSUMED.rowsAnHour + batches * 2 * entryUnits) * PRICES.writeUnit,
    },
    {
      what: 'the functions, and a call of CloudWatch for each batch',
      usd: batches * (PRICES.invocation + BATCH_SECONDS * MEMORY_GB * PRICES.gigabyteSecond + PRICES.metricCall),
    },
    {
      what: 'the history: Firehose, and a month of it in S3',
      usd: gigabytes * (PRICES.firehoseGigabyte + PRICES.storedGigabyte) + HOURS * OBJECTS_AN_HOUR * PRICES.put,
    },
    { what: `${ASSUMED.metrics} metrics`, usd: priceOfMetrics(ASSUMED.metrics) },
    { what: `${ASSUMED.alarms} alarms and the dashboard`, usd: ASSUMED.alarms * PRICES.alarm + PRICES.dashboard },
  ];
}

export interface Path { readonly path: string; readonly usd: (devices: number) => number; readonly why: string }

/** Ways for the health of devices into CloudWatch, and what each costs a month. */
export const PATHS: readonly Path[] = [
  {
    path: 'each device calls PutMetricData, with metrics of its own',
    usd: (devices) => reportsOf(devices) * PRICES.metricCall + priceOfMetrics(devices * ASSUMED.perDeviceMetrics),
    why: 'a device can invent metrics: no condition of IAM is about their names',
  },
  {
    path: 'each device calls PutMetricData, with metrics of the fleet',
    usd: (devices) => reportsOf(devices) * PRICES.metricCall + priceOfMetrics(ASSUMED.metrics), why: 'the same, and a device can speak for others',
  },
  {
    path: 'an object in S3 for each report', usd: (devices) => reportsOf(devices) * PRICES.put, why: 'nobody has counted them yet',
  },
  {
    path: 'device shadows and the fleet index', usd: (devices) => reportsOf(devices) * (PRICES.shadowOperation + PRICES.indexUpdate),
    why: 'no percentiles of a fleet; the index counts what is now, and keeps no history',
  },
  {
    path: 'a rule, CloudWatch Logs and embedded metrics',
    usd: (devices) => reportsOf(devices) * (2 * PRICES.ruleOrAction + ASSUMED.reportBytes / GIGA * PRICES.logGigabyte),
    why: 'a device can invent metrics',
  },
  {
    path: '**a rule, SQS, a function for batches, CloudWatch and S3**: `FleetHealth`', usd: (devices) => totalOf(partsOf(devices)),
    why: 'topic and role say which device it is; what it says is checked before it is counted',
  },
];

export function totalOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { usd }) => sum + usd, 0);
}
