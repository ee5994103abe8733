import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readMetrics } from '../../../agent/client/metrics';

const folder = mkdtempSync(join(tmpdir(), 'metrics-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function line(time: number, numbers: Record<string, number>, model?: string): string {
  const described = Object.keys(numbers).map((name) => ({ Name: name, Unit: name === 'MemoryBytes' ? 'Bytes' : 'Count' }));
  const head = { Timestamp: time, CloudWatchMetrics: [{ Namespace: 'SageMakerEdgeAgent', Dimensions: [], Metrics: described }] };
  return JSON.stringify({ _aws: head, DeviceName: 'camera-1', ...(model === undefined ? {} : { ModelName: model }), ...numbers });
}

function read(...lines: readonly string[]): ReturnType<typeof readMetrics> {
  const file = join(folder, 'log');
  writeFileSync(file, `${lines.join('\n')}\n`);
  return readMetrics(file);
}

it('shows the last line of the agent and of each model, the agent first', async () => {
  const { json, lines } = await read(line(0, { PredictCount: 1 }, 'b'), line(1000, { PredictCount: 2 }, 'b'), line(1000, { PredictCount: 3 }, 'a'), line(1000, { PredictCount: 5, MemoryBytes: 64 }));
  const time = '1970-01-01T00:00:01.000Z';
  expect(json).toEqual({ metrics: [{ time, PredictCount: 5, MemoryBytes: 64 }, { model: 'a', time, PredictCount: 3 }, { model: 'b', time, PredictCount: 2 }] });
  expect(lines).toEqual([
    `agent  ${time}`, '  PredictCount       5 Count', '  MemoryBytes        64 Bytes',
    `model a  ${time}`, '  PredictCount       3 Count',
    `model b  ${time}`, '  PredictCount       2 Count',
  ]);
});

it('reads the lines of a journal, and passes over others', async () => {
  const others = ['Nov 27 08:00:00 camera-1 node[1]: {"message":"Server listening"}', '{"_aws": 1}', '{"_aws":{"Timestamp":1', ''];
  const { json } = await read(...others, `Nov 27 08:00:01 camera-1 node[1]: ${line(0, { PredictCount: 1 })}`);
  expect(json).toEqual({ metrics: [{ time: '1970-01-01T00:00:00.000Z', PredictCount: 1 }] });
});

it('fails when the file has no metrics', async () => {
  await expect(read('Server listening')).rejects.toThrow(`${join(folder, 'log')}: wanted lines of the agent's metrics, got none`);
});

it('fails when there is no such file', async () => {
  await expect(readMetrics(join(folder, 'none'))).rejects.toThrow('ENOENT');
});
