import { HEADROOM } from '../capacity';
import { number } from '../format';
import { errorPercent, utilizationOf, utilizationOfDevice } from '../points';
import type { AnyRun, EdgeRun, EdgeStep, Latency, Run, Step } from '../run';

/** A plot over the users of a step. */
export interface Plot {
  readonly id: string;
  readonly title: string;
  readonly unit: string;
  readonly users: readonly number[];
  /** A value a number of users. Null: nobody measured. */
  readonly series: readonly { readonly label: string; readonly values: readonly (number | null)[] }[];
  /** A range of y to point out. */
  readonly band?: readonly [from: number, to: number];
  /** The y-axis goes so far at least. */
  readonly top?: number;
}

const ADVISED = [HEADROOM.low * 100, HEADROOM.high * 100] as const;

/** The plots of a run. Steps that others repeat are left out. */
export function plotsOf(run: AnyRun): Plot[] {
  return run.kind === 'endpoint' ? endpointPlots(run) : edgePlots(run);
}

/** A plot in words, for those who do not see it. */
export function describePlot({ title, unit, users, series }: Plot): string {
  const lines = series.map(({ label, values }) => {
    const parts = values.map((value, index) => value === null ? [] : [`${number(value)} at ${users[index] ?? 0}`]).flat();
    return `${label} ${parts.length === 0 ? 'not measured' : parts.join(', ')}`;
  });
  return `${title} in ${unit} over users: ${lines.join('; ')}.`;
}

function endpointPlots(run: Run): Plot[] {
  const steps = shownSteps(run.steps);
  const use = steps.map((step) => utilizationOf(step, run));
  const latency = (of: 'modelLatencyMs' | 'overheadLatencyMs') => latencySeries(steps.map(({ endpoint }) => endpoint?.[of]));
  const hasGpu = use.some(({ gpu }) => gpu !== undefined);
  return [
    ...clientPlots('endpoint', steps),
    plot('endpoint-model', 'Model latency', 'ms', steps, latency('modelLatencyMs')),
    plot('endpoint-overhead', 'Overhead latency', 'ms', steps, latency('overheadLatencyMs')),
    {
      ...plot('endpoint-cpu', `CPU of an instance, of ${run.vcpus} vCPU (band: 60–70 %)`, '%', steps, [
        { label: 'CPU', values: percents(use.map(({ cpu }) => cpu)) },
        ...hasGpu ? [{ label: 'GPU', values: percents(use.map(({ gpu }) => gpu)) }] : [],
      ]),
      band: ADVISED, top: 100,
    },
    {
      ...plot('endpoint-memory', 'Memory of an instance', '%', steps, [
        { label: 'memory', values: percents(use.map(({ memory }) => memory)) },
        ...hasGpu ? [{ label: 'GPU memory', values: percents(use.map(({ gpuMemory }) => gpuMemory)) }] : [],
      ]),
      top: 100,
    },
    errorPlot('endpoint', steps),
  ];
}

function edgePlots(run: EdgeRun): Plot[] {
  const steps = shownSteps(run.steps);
  const { cores } = run.hardware;
  const use = steps.map((step) => utilizationOfDevice(step, cores));
  return [
    ...clientPlots('edge', steps),
    {
      ...plot('edge-cpu', `CPU of the device, of ${cores} core(s) (band: 60–70 %)`, '%', steps, [
        { label: 'machine', values: percents(use.map(({ cpu }) => cpu)) },
        { label: 'agent', values: steps.map(({ device }) => device === undefined ? null : device.agentCpuPercent / cores) },
        { label: 'client', values: steps.map(({ client }) => client.workerCpuPercent / cores) },
      ]),
      band: ADVISED, top: 100,
    },
    { ...plot('edge-memory', 'Memory of the device', '%', steps, [{ label: 'memory', values: percents(use.map(({ memory }) => memory)) }]), top: 100 },
    errorPlot('edge', steps),
  ];
}

function clientPlots(side: string, steps: readonly (Step | EdgeStep)[]): Plot[] {
  const ok = steps.map(({ client }) => client.requests > client.failures ? client : undefined);
  return [
    plot(`${side}-tps`, 'Successful requests', 'TPS', steps, [{ label: 'TPS', values: steps.map(({ client }) => client.tps) }]),
    plot(`${side}-latency`, 'Latency, seen from the client', 'ms', steps, latencySeries(
      ok.map((client) => client && { p50: client.p50Ms, p90: client.p90Ms, p99: client.p99Ms }),
    )),
  ];
}

function errorPlot(side: string, steps: readonly (Step | EdgeStep)[]): Plot {
  return { ...plot(`${side}-errors`, 'Failed requests', '%', steps, [{ label: 'errors', values: steps.map(errorPercent) }]), top: 5 };
}

function plot(id: string, title: string, unit: string, steps: readonly (Step | EdgeStep)[], series: Plot['series']): Plot {
  return { id, title, unit, users: steps.map(({ users }) => users), series };
}

function latencySeries(latencies: readonly (Latency | undefined)[]): Plot['series'] {
  return (['p50', 'p90', 'p99'] as const).map((label) => ({ label, values: latencies.map((latency) => latency?.[label] ?? null) }));
}

function percents(shares: readonly (number | undefined)[]): (number | null)[] {
  return shares.map((share) => share === undefined ? null : share * 100);
}

function shownSteps<S extends Step | EdgeStep>(steps: readonly S[]): S[] {
  const repeated = new Set(steps.flatMap(({ repeats }) => repeats ?? []));
  return steps.filter(({ step }) => !repeated.has(step)).sort((a, b) => a.users - b.users || a.step - b.step);
}
