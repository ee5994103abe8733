import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import type { MetricSeries } from '../../../local/health/dashboard';
import { readSeries } from '../../../local/health/metric-data';

const series = (name: string, dimensions = [{ Name: 'FleetName', Value: 'shop' }]): MetricSeries => (
  { namespace: 'EdgeFleet', name, statistic: 'Sum', periodSeconds: 60, dimensions }
);
const client = new CloudWatchClient({ region: 'us-east-1', credentials: { accessKeyId: 'A', secretAccessKey: 'B' } });
afterAll(() => {
  client.destroy();
});

test('fails when a metric has no dimension, for which the emulator adds up all of its name', async () => {
  await expect(readSeries(client, [series('Errors', [])], 0, 1)).rejects.toThrow('EdgeFleet Errors without any');
});

test('fails when there are more series than one question may have', async () => {
  const many = Array.from({ length: 501 }, () => series('Errors'));
  await expect(readSeries(client, many, 0, 1)).rejects.toThrow('at most 500 series, got 501');
});
