import { setTimeout as sleep } from 'node:timers/promises';
import { CloudWatchClient, GetDashboardCommand } from '@aws-sdk/client-cloudwatch';
import { readDashboard, type Line } from '../health/dashboard';
import { readSeries } from '../health/metric-data';
import type { Clients } from './clients';
import { LocalProblem } from './problem';

/** A report, the batch of the queue and a function's start; a busy machine may take long. */
const PATIENCE_MS = 300_000;
const PAUSE_MS = 1000;
const DAY_MS = 86_400_000;

/**
 * What the devices have reported, by the metrics of a dashboard. Waits until there is a report, and a prediction where there was one.
 * Fails where none comes.
 */
export async function showFleetHealth(clients: Clients, dashboardName: string, predicted: boolean): Promise<string[]> {
  const client = new CloudWatchClient(clients.settings);
  try {
    const { DashboardBody = '' } = await client.send(new GetDashboardCommand({ DashboardName: dashboardName }));
    const lines = readDashboard(DashboardBody).flatMap((widget) => (widget.kind === 'custom' ? [] : widget.lines));
    const sum = async (name: string): Promise<number> => sumOf(client, lines.filter(({ series }) => series.name === name));
    const until = Date.now() + PATIENCE_MS;
    while (await sum('Reports') === 0 || (predicted && await sum('Predictions') === 0)) {
      if (Date.now() > until) {
        throw new LocalProblem(`no device has reported how it is, within ${PATIENCE_MS / 1000} s: the dashboard ${dashboardName} is empty`);
      }
      await sleep(PAUSE_MS);
    }
    return [
      `health            ${await sum('Predictions')} predictions, ${await sum('Errors')} errors in the metrics of the fleet`,
      `  dashboard       ${dashboardName}`,
    ];
  } finally {
    client.destroy();
  }
}

/** Of all versions and rings. */
async function sumOf(client: CloudWatchClient, lines: readonly Line[]): Promise<number> {
  const sums = lines.map(({ series }) => ({ ...series, statistic: 'Sum' }));
  const points = await readSeries(client, sums, Date.now() - DAY_MS, Date.now() + DAY_MS);
  return points.flat().reduce((total, { value }) => total + value, 0);
}
