import type { PutMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import type { AttributeValue, PutItemCommandInput, ScanCommandInput, ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import { CENSUS_ROW, DEVICE_KEY, type HealthSettings } from '../../../lib/health/private/contract';
import { readDeviceRow, type DeviceRow, type Findings } from '../device-row';

/** The calls that the function makes. */
export interface Dependencies {
  readonly scan: (input: ScanCommandInput) => Promise<Pick<ScanCommandOutput, 'Items' | 'LastEvaluatedKey'>>;
  readonly putItem: (input: PutItemCommandInput) => Promise<unknown>;
  readonly putMetricData: (input: PutMetricDataCommandInput) => Promise<unknown>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Of each list. */
const LISTED = 10;

/** Counts the devices that report and those that are silent, and finds the worst of both. */
export async function takeCensus(settings: HealthSettings, calls: Dependencies): Promise<Findings> {
  const now = calls.now();
  const rows = await readRows(settings, calls);
  const isSilent = ({ seen }: DeviceRow): boolean => seen < now - settings.silentSeconds * 1000;
  const silent = rows.filter(isSilent);
  const reporting = rows.filter((row) => !isSilent(row));
  const findings: Findings = {
    at: now,
    reporting: reporting.length,
    silent: silent.length,
    longestSilent: silent.sort((a, b) => a.seen - b.seen).slice(0, LISTED),
    worst: reporting.filter(({ predictions, errors }) => predictions + errors > 0).sort(worstFirst).slice(0, LISTED),
  };
  await calls.putItem({
    TableName: settings.deviceTable, Item: { [DEVICE_KEY]: { S: CENSUS_ROW }, findings: { S: JSON.stringify(findings) } },
  });
  await calls.putMetricData(metricsOf(settings, findings));
  return findings;
}

function metricsOf({ fleetName, namespace }: HealthSettings, { at, reporting, silent }: Findings): PutMetricDataCommandInput {
  const base = { Timestamp: new Date(at), Dimensions: [{ Name: 'FleetName', Value: fleetName }] };
  const all = reporting + silent;
  return {
    Namespace: namespace,
    MetricData: [
      { ...base, MetricName: 'DevicesReporting', Unit: 'Count', Value: reporting },
      { ...base, MetricName: 'DevicesSilent', Unit: 'Count', Value: silent },
      { ...base, MetricName: 'SilentPercent', Unit: 'Percent', Value: all === 0 ? 0 : (silent / all) * 100 },
    ],
  };
}

async function readRows({ deviceTable }: HealthSettings, calls: Dependencies): Promise<DeviceRow[]> {
  const rows: DeviceRow[] = [];
  let start: Record<string, AttributeValue> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await calls.scan({ TableName: deviceTable, ExclusiveStartKey: start });
    rows.push(...Items.map(readDeviceRow).filter((row) => row !== undefined));
    start = LastEvaluatedKey;
  } while (start !== undefined);
  return rows;
}

/** By the share of errors, then those that have drifted, then by latency. */
function worstFirst(a: DeviceRow, b: DeviceRow): number {
  return errorShare(b) - errorShare(a) || Number(b.drifted !== '') - Number(a.drifted !== '') || b.p99 - a.p99;
}

function errorShare({ predictions, errors }: DeviceRow): number {
  return errors / (predictions + errors);
}
