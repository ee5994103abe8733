import { describePlot, plotsOf } from '../../../../../lambda/endpoint/report/page/plots';
import { edgeRun, edgeStep, run, step } from '../runs';

const STEPS = [
  step(1, 10, { client: { tps: 100 }, endpoint: { cpuPercent: 200 } }),
  step(2, 20, { step: { clientLimited: true } }),
  step(3, 20, { step: { repeats: 2 }, client: { tps: 150, requests: 100, failures: 5 }, endpoint: { cpuPercent: 300 } }),
];

function plot(id: string, of = run(STEPS)) {
  return plotsOf(of).find((one) => one.id === id);
}

test('a run against an endpoint has a plot for each figure of the article', () => {
  expect(plotsOf(run(STEPS)).map(({ id }) => id)).toEqual([
    'endpoint-tps', 'endpoint-latency', 'endpoint-model', 'endpoint-overhead', 'endpoint-cpu', 'endpoint-memory', 'endpoint-errors',
  ]);
});

test('a run on a device has its own', () => {
  expect(plotsOf(edgeRun([edgeStep(1, 1)])).map(({ id }) => id)).toEqual(['edge-tps', 'edge-latency', 'edge-cpu', 'edge-memory', 'edge-errors']);
});

test('a step that another repeats is left out', () => {
  expect(plot('endpoint-tps')).toMatchObject({ users: [10, 20], series: [{ label: 'TPS', values: [100, 150] }] });
});

test('CPU is in percent of all vCPU, with the advised range', () => {
  expect(plot('endpoint-cpu')).toMatchObject({ series: [{ label: 'CPU', values: [50, 75] }], band: [60, 70], top: 100 });
});

test('a GPU is drawn where there is one', () => {
  const gpu = run([step(1, 1, { endpoint: { gpuPercent: 80, gpuMemoryPercent: 20 } })], { gpus: 1 });
  expect(plot('endpoint-cpu', gpu)?.series.map(({ label }) => label)).toEqual(['CPU', 'GPU']);
  expect(plot('endpoint-memory', gpu)?.series[1]).toEqual({ label: 'GPU memory', values: [20] });
});

test('errors are in percent of requests', () => {
  expect(plot('endpoint-errors')?.series[0]?.values).toEqual([0, 5]);
});

test('what CloudWatch had nothing of is a gap, not zero', () => {
  const gap = run([step(1, 1, { step: { endpoint: undefined } }), step(2, 2)]);
  expect(plot('endpoint-model', gap)?.series[2]?.values).toEqual([null, 99]);
  expect(plot('endpoint-cpu', gap)?.series[0]?.values).toEqual([null, 25]);
});

test('a step in which every request failed has no latency', () => {
  const failed = run([step(1, 1, { client: { requests: 5, failures: 5, p50Ms: 0 } })]);
  expect(plot('endpoint-latency', failed)?.series[0]?.values).toEqual([null]);
});

test('a plot is said in words', () => {
  const gap = run([step(1, 1, { step: { endpoint: undefined } }), step(2, 2)]);
  const cpu = plot('endpoint-cpu', gap);
  expect(cpu === undefined ? '' : describePlot(cpu)).toBe('CPU of an instance, of 4 vCPU (band: 60–70 %) in % over users: CPU 25 at 2.');
});
