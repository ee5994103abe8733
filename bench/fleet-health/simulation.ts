// The aggregator of a fleet's health with the reports of 100 000 devices for an hour. Time is virtual, the tables and CloudWatch are in
// memory, and the code is the function's own. Every third batch is brought again, as the queue does where nobody heard of its end.
import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { Aggregator } from '../../lambda/health/aggregator/aggregator';
import type { Dependencies } from '../../lambda/health/aggregator/dependencies';
import type { QueueMessage } from '../../lambda/health/aggregator/message';
import { LATENCY_BUCKETS, type DriftHealth } from '../../lib/agent/private/health-report';
import { metricCount, type HealthSettings } from '../../lib/health/private/contract';
import type { Row } from '../row';

const PERIOD_MS = 300_000;
const BATCH = 1000;
const MAX_CPU_SECONDS = 60;
const MAX_MEBIBYTES = 256;
const START = Date.UTC(2026, 0, 1);
const FEATURES = ['input.deviation', 'input.mean', 'input.roughness', 'output.confidence', 'output.length', 'output.surprise'];
/** Ten with a tenth of the samples each, and one for what is no number. */
const BINS = [...Array.from({ length: 10 }, () => 100), 0];
const BASELINE = { id: 'b'.repeat(16), counts: Object.fromEntries(FEATURES.map((name) => [name, BINS])) };
/** Of so many devices, one says that it has drifted. */
const DRIFTED = 50;
const SETTINGS: HealthSettings = {
  fleetName: 'fleet', models: ['1.0', '1.1'].map((version) => ({ name: 'reader', version, baseline: BASELINE })), rings: ['main', 'early', 'canary'],
  namespace: 'EdgeFleet', ledgerTable: 'ledger', deviceTable: 'devices', deliveryStream: 'stream', silentSeconds: 3600,
};

type Item = Record<string, AttributeValue>;

/** What the services keep, as far as the function reads it again. */
class Services {
  public predictions = 0;
  /** Devices with a verdict of drift: those that have not drifted, and those that have. */
  public readonly verdicts = { 0: 0, 1: 0 };
  public lines = 0;
  public readonly metrics = new Set<string>();
  public now = START;
  private readonly ledger = new Map<string, Map<string, Item>>();
  private readonly remainders = new Map<string, Item>();
  private ids = 0;

  public readonly calls: Dependencies = {
    putMetricData: ({ MetricData = [] }) => {
      MetricData.forEach((datum) => {
        this.tell(datum);
      });
      return Promise.resolve({});
    },
    putRecordBatch: ({ Records = [] }) => {
      this.lines += Records.reduce((sum, { Data }) => sum + linesOf(Data), 0);
      return Promise.resolve({ FailedPutCount: 0 });
    },
    query: ({ ExpressionAttributeValues: values }) => (
      Promise.resolve({ Items: [...this.ledger.get(values?.[':minute']?.S ?? '')?.values() ?? []] })),
    putItem: ({ Item: item = {} }) => {
      const minute = item.minute?.S ?? '';
      if (minute.startsWith('drift')) {
        this.remainders.delete(minute);
        return Promise.resolve({});
      }
      const entries = this.ledger.get(minute) ?? new Map<string, Item>();
      this.ledger.set(minute, entries.set(item.batch?.S ?? '', item));
      return Promise.resolve({});
    },
    updateItem: ({ TableName, Key, ExpressionAttributeNames, ExpressionAttributeValues }) => {
      const partition = Key?.minute?.S ?? '';
      if (partition.startsWith('drift')) { // what is too little for a verdict
        return Promise.resolve({ Attributes: this.addTo(partition, ExpressionAttributeNames, ExpressionAttributeValues) });
      }
      if (TableName === 'ledger') { // closes an entry
        delete this.ledger.get(partition)?.get(Key?.batch?.S ?? '')?.data;
      }
      return Promise.resolve({});
    },
    now: () => this.now,
    newId: () => {
      this.ids += 1;
      return String(this.ids);
    },
  };

  /** What an hour ago was counted is not asked for again. */
  public forget(): void {
    const oldest = new Date(this.now - 600_000).toISOString();
    [...this.ledger.keys()].filter((minute) => minute < oldest).forEach((minute) => this.ledger.delete(minute));
  }

  private addTo(row: string, names: Readonly<Record<string, string>> = {}, values: Readonly<Item> = {}): Item {
    const item = { ...this.remainders.get(row) };
    for (const [placeholder, name] of Object.entries(names).filter(([each]) => each.startsWith('#c'))) {
      item[name] = { N: String(Number(item[name]?.N ?? 0) + Number(values[placeholder.replace('#', ':')]?.N)) };
    }
    this.remainders.set(row, item);
    return item;
  }

  private tell({ MetricName = '', Dimensions = [], Value = 0, Values = [], Counts = [] }: MetricDatum): void {
    this.metrics.add([MetricName, ...Dimensions.map(({ Value: of = '' }) => of)].join('|'));
    this.predictions += MetricName === 'Predictions' ? Value : 0;
    if (MetricName === 'DriftedDevices') {
      Values.forEach((value, index) => {
        this.verdicts[value === 0 ? 0 : 1] += Counts[index] ?? 0;
      });
    }
  }
}

/** Quick: its time is counted with the function's. */
function linesOf(data: Uint8Array = new Uint8Array()): number {
  let lines = 0;
  for (let at = data.indexOf(10); at >= 0; at = data.indexOf(10, at + 1)) {
    lines += 1;
  }
  return lines;
}

/** A small generator: the same devices at each run. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

interface Fleet {
  readonly cpuSeconds: number;
  readonly mebibytes: number;
  /** Predictions. */
  readonly sent: number;
  readonly reports: number;
  /** Reports that say of drift. */
  readonly drifted: number;
  readonly services: Services;
}

/** An hour of a fleet. Only the function's own work is measured. */
async function simulate(devices: number): Promise<Fleet> {
  const random = randomOf(devices);
  const services = new Services();
  const aggregator = new Aggregator(SETTINGS, services.calls);
  let sent = 0;
  let reports = 0;
  let drifted = 0;
  let micros = 0;
  let mebibytes = 0;
  let batches = 0;
  const handle = async (batch: readonly QueueMessage[]): Promise<void> => {
    const before = process.cpuUsage();
    const { batchItemFailures } = await aggregator.handle(batch);
    const { user, system } = process.cpuUsage(before);
    micros += user + system;
    mebibytes = Math.max(mebibytes, process.memoryUsage.rss() / 2 ** 20);
    if (batchItemFailures.length > 0) {
      throw new Error(`${batchItemFailures.length} reports failed`);
    }
  };
  for (let period = 0; period < 3_600_000 / PERIOD_MS; period += 1) {
    for (let first = 0; first < devices; first += BATCH) {
      const batch: QueueMessage[] = [];
      for (let device = first; device < Math.min(devices, first + BATCH); device += 1) {
        const to = START + period * PERIOD_MS + Math.floor((device / devices) * PERIOD_MS);
        const predictions = Math.floor(random() * 100);
        sent += predictions;
        reports += 1;
        drifted += device % DRIFTED === 0 ? 1 : 0;
        batch.push(messageOf(device, period, to, predictions));
        services.now = to;
      }
      await handle(batch);
      batches += 1;
      if (batches % 3 === 0) {
        await handle(batch);
      }
    }
    services.forget();
  }
  return { cpuSeconds: micros / 1e6, mebibytes, sent, reports, drifted, services };
}

function messageOf(device: number, period: number, to: number, predictions: number): QueueMessage {
  const latency = Array.from({ length: LATENCY_BUCKETS }, (_, bucket) => (bucket === 4 ? predictions : 0));
  const report = {
    v: 1, id: (period * 1_000_000 + device).toString(16).padStart(16, '0'), from: to - PERIOD_MS, to, fleet: 'fleet',
    ring: SETTINGS.rings[device % 10] ?? 'main', agent: '0.1.0', uptime: period * 300, memory: 90_000_000 + device, spool: 0, queue: 0,
    models: [{ name: 'reader', version: device % 10 === 1 ? '1.1' : '1.0', predictions, errors: {}, latency, drift: driftOf(device, predictions) }],
  };
  const body = JSON.stringify({ thing: `device-${device}`, received: to, report: Buffer.from(JSON.stringify(report)).toString('base64') });
  return { messageId: `${period}-${device}`, body };
}

/** Predictions are spread over the bins as those of the baseline were. */
function driftOf(device: number, predictions: number): DriftHealth {
  const counts = BINS.map((_, bin) => (bin < 10 ? Math.floor((predictions + 9 - (bin + device) % 10) / 10) : 0));
  return {
    baseline: BASELINE.id, counts: Object.fromEntries(FEATURES.map((name) => [name, counts])),
    drifted: device % DRIFTED === 0 ? ['input.mean'] : [],
  };
}

/** The sums must be those that were sent, and each report once in the history. */
function check({ sent, reports, drifted, services }: Fleet): void {
  const { 0: well, 1: moved } = services.verdicts;
  if (well + moved !== reports || moved !== drifted) {
    throw new Error(`${drifted} of ${reports} reports said of drift, got ${moved} of ${well + moved}`);
  }
  if (services.predictions !== sent || services.lines !== reports) {
    throw new Error(`${sent} predictions in ${reports} reports were sent, got ${services.predictions} in ${services.lines}`);
  }
}

async function main(): Promise<void> {
  const few = await simulate(10);
  const many = await simulate(100_000);
  [few, many].forEach(check);
  const counted = `${many.reports} reports, every third batch twice: sums as sent`;
  const rows: Row[] = [
    { what: 'an hour of 100 000 devices in the aggregator: CPU', ratio: many.cpuSeconds, unit: 's', goal: MAX_CPU_SECONDS, detail: counted },
    { what: '  its memory', ratio: many.mebibytes, unit: 'MiB', goal: MAX_MEBIBYTES, detail: 'with the devices and tables of the simulation' },
    { what: '  its custom metrics', ratio: many.services.metrics.size, unit: '', goal: metricCount(SETTINGS.models.length, SETTINGS.rings.length), detail: `${few.services.metrics.size} with 10 devices` },
  ];
  process.send?.(rows);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
