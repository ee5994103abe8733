// What AWS charges for what a fleet's health uses, in US dollars. No other file has any: change `DATE` with them.

/** When the prices were collected. */
export const DATE = '2026-11-28';
export const REGION = 'us-east-1';

/** A million of something. */
const MILLION = 1e6;

export const PRICES = {
  /** A rule that is triggered, and the same again for an action. From memory. */
  ruleOrAction: 0.15 / MILLION,
  /** A message of up to 5 KB by MQTT or HTTPS. Public tables. */
  message: 1.00 / MILLION,
  /** An operation of a device shadow. Public tables. */
  shadowOperation: 1.25 / MILLION,
  /** An update of the fleet index. From memory. */
  indexUpdate: 2.25 / MILLION,
  /** SQS, a standard queue. From memory. */
  queueRequest: 0.40 / MILLION,
  /** DynamoDB on demand, up to 1 KB; since November 2024. Public tables. */
  writeUnit: 0.625 / MILLION,
  /** Lambda, a call and a GB-second on Arm. From memory. */
  invocation: 0.20 / MILLION,
  gigabyteSecond: 0.0000133334,
  /** CloudWatch: a call of PutMetricData, a GB of logs, an alarm and a dashboard a month. Public tables. */
  metricCall: 0.01 / 1000,
  logGigabyte: 0.50,
  alarm: 0.10,
  dashboard: 3.00,
  /** Firehose, a GB in steps of 5 KB a record. From memory. */
  firehoseGigabyte: 0.029,
  /** S3: a PUT, and a GB a month. From memory. */
  put: 0.005 / 1000,
  storedGigabyte: 0.023,
} as const;

/** Custom metrics of CloudWatch a month, by how many there are. Public tables. */
const METRIC_TIERS: readonly (readonly [upTo: number, each: number])[] = [
  [10_000, 0.30], [250_000, 0.10], [1_000_000, 0.05], [Infinity, 0.02],
];

export function priceOfMetrics(count: number): number {
  let price = 0;
  let from = 0;
  for (const [upTo, each] of METRIC_TIERS) {
    price += Math.max(0, Math.min(count, upTo) - from) * each;
    from = upTo;
  }
  return price;
}
