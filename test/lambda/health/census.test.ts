import { takeCensus, type Dependencies } from '../../../lambda/health/census/census';
import { drawWidget } from '../../../lambda/health/widget/widget';
import { NOW, SETTINGS, type Item } from './fake-cloud';

function row(thing: string, minutesAgo: number, more: Item = {}): Item {
  return {
    thing: { S: thing }, seen: { N: String(NOW - minutesAgo * 60_000) }, ring: { S: 'main' }, models: { S: 'reader 1.0' },
    predictions: { N: '100' }, errors: { N: '0' }, p99: { N: '20' }, ...more,
  };
}

let pages: Item[][];
let put: Item | undefined;
let told: Parameters<Dependencies['putMetricData']>[0] | undefined;
const calls: Dependencies = {
  scan: ({ ExclusiveStartKey }) => {
    const page = Number(ExclusiveStartKey?.page?.N ?? 0);
    const next = page + 1 < pages.length ? { LastEvaluatedKey: { page: { N: String(page + 1) } } } : {};
    return Promise.resolve({ Items: pages[page] ?? [], ...next });
  },
  putItem: ({ Item: item }) => {
    put = item;
    return Promise.resolve({});
  },
  putMetricData: (input) => {
    told = input;
    return Promise.resolve({});
  },
  now: () => NOW,
};
beforeEach(() => {
  put = undefined;
  told = undefined;
});

function draw(): Promise<string> {
  return drawWidget(SETTINGS, { getItem: () => Promise.resolve(put === undefined ? {} : { Item: put }) });
}

it('counts the devices of all pages, those that report and those that are silent', async () => {
  pages = [[row('a', 1), row('b', 59)], [row('c', 61), { thing: { S: '#census' }, findings: { S: '{}' } }]];
  await takeCensus(SETTINGS, calls);
  expect(told?.Namespace).toBe('EdgeFleet');
  expect(told?.MetricData?.map(({ MetricName, Value }) => [MetricName, Value])).toEqual([
    ['DevicesReporting', 2], ['DevicesSilent', 1], ['SilentPercent', expect.closeTo(100 / 3, 6)],
  ]);
  expect(told?.MetricData?.every(({ Dimensions }) => JSON.stringify(Dimensions) === '[{"Name":"FleetName","Value":"fleet-1"}]')).toBe(true);
});

it('counts a fleet without devices', async () => {
  pages = [[]];
  await takeCensus(SETTINGS, calls);
  expect(told?.MetricData?.map(({ Value }) => Value)).toEqual([0, 0, 0]);
});

it('finds the ten worst by errors, then by latency, and the ten that are silent for the longest', async () => {
  const failing = Array.from({ length: 12 }, (_, index) => row(`failing-${index}`, 1, { errors: { N: String(index) } }));
  pages = [[...failing, row('slow', 1, { p99: { N: '500' } }), row('idle', 1, { predictions: { N: '0' } }),
    ...Array.from({ length: 12 }, (_, index) => row(`silent-${index}`, 100 + index))]];
  const { worst, longestSilent } = await takeCensus(SETTINGS, calls);
  expect(worst.map(({ thing }) => thing)).toEqual(Array.from({ length: 10 }, (_, index) => `failing-${11 - index}`));
  expect(longestSilent[0]?.thing).toBe('silent-11');
  expect(longestSilent).toHaveLength(10);
});

it('puts a slow device before others without errors', async () => {
  pages = [[row('fast', 1), row('slow', 1, { p99: { N: '500' } })]];
  expect((await takeCensus(SETTINGS, calls)).worst.map(({ thing }) => thing)).toEqual(['slow', 'fast']);
});

it('is drawn as a page with two tables', async () => {
  pages = [[row('bad', 1, { errors: { N: '100' } }), row('gone', 100)]];
  await takeCensus(SETTINGS, calls);
  const html = await draw();
  expect(html).toContain('1 devices report, 1 are silent. Counted 2026-11-27 12:00 UTC.');
  expect(html).toContain('<td>bad</td><td>main</td><td>reader 1.0</td><td>50.0 %</td><td>20</td>');
  expect(html).toContain('<td>gone</td><td>main</td><td>reader 1.0</td><td>2026-11-27 10:20 UTC</td>');
});

it('is drawn without what a device has written into its report as HTML', async () => {
  pages = [[row('bad', 1, { models: { S: '<script>alert("1")</script>' } })]];
  await takeCensus(SETTINGS, calls);
  expect(await draw()).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;');
});

it('says that there was no census yet', async () => {
  expect(await draw()).toBe('<p>No census was taken yet.</p>');
});
