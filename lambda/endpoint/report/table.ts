import { comparisonRows } from './comparison';
import { number, percent, usd } from './format';
import { errorPercent, utilizationOf, utilizationOfDevice } from './points';
import type { Cost } from './sizing';
import type { NoPrice } from '../../../lib/endpoint/private/prices';
import type { Analysis, CloudAnalysis, Report } from './report';
import type { AnyRun, EdgeStep, Latency, Run, Step } from './run';

/** A row of the table of steps, as text. */
export type Row = readonly string[];

export interface Fact {
  readonly name: string;
  readonly value: string;
}

/** Control characters would move a terminal's cursor, or change what it shows. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/g;

/** The report as text for a terminal: the verdict, the steps, what follows from them. */
export function reportTable(report: Report): string {
  const sides = [report.cloud, report.edge].filter((side) => side !== undefined);
  const comparison = comparisonRows(report);
  const lines = [
    `${report.outcome === 'met' ? 'PASSED' : report.outcome.toUpperCase()}: ${report.summary}`,
    ...comparison === undefined ? [] : ['', ...aligned(comparison)],
    ...sides.flatMap((side) => ['', ...sideLines(side)]),
  ];
  return lines.map((line) => line.replaceAll(CONTROL, ' ').trimEnd()).join('\n');
}

function sideLines(side: CloudAnalysis | Analysis<AnyRun>): string[] {
  const { run, verdict } = side;
  const [head, ...rows] = stepRows(run);
  const facts = factsOf(side);
  const widest = Math.max(...facts.map(({ name }) => name.length));
  return [
    titleOf(run),
    ...verdict.evidence.map((line) => `  ${line}`),
    '',
    ...aligned([head ?? [], ...rows]),
    '',
    ...facts.map(({ name, value }) => `${name.padEnd(widest)}  ${value}`),
  ];
}

export function titleOf(run: AnyRun): string {
  return run.kind === 'endpoint'
    ? `Endpoint ${run.endpointName}, variant ${run.variantName}: ${run.instances} × ${run.instanceType} (${run.vcpus} vCPU), ${run.region}`
    : `Device ${run.deviceName}, model ${run.modelName}: ${run.hardware.cores} × ${run.hardware.cpu || run.hardware.architecture}, ${number(run.hardware.memoryMiB)} MiB`;
}

/** The steps with a head. Latency in milliseconds. */
export function stepRows(run: AnyRun): Row[] {
  return run.kind === 'endpoint'
    ? [
        ['step', 'users', 'workers', 'TPS', 'p50', 'p90', 'p99', 'model p99', 'overhead p99', 'errors', 'CPU', 'memory', 'instances', 'notes'],
        ...run.steps.map((step) => endpointRow(step, run)),
      ]
    : [
        ['step', 'users', 'TPS', 'p50', 'p90', 'p99', 'errors', 'agent CPU', 'machine CPU', 'memory', 'client CPU', 'notes'],
        ...run.steps.map((step) => edgeRow(step, run.hardware.cores)),
      ];
}

function endpointRow(step: Step, run: Run): Row {
  const { endpoint } = step;
  const { cpu, memory } = utilizationOf(step, run);
  const { instancesFrom = 0, instancesTo = 0 } = endpoint ?? {};
  const instances = instancesFrom === instancesTo ? number(instancesTo) : `${instancesFrom} → ${instancesTo}`;
  return [
    `${step.step}`, `${step.users}`, `${step.workers}`, ...clientCells(step),
    p99(endpoint?.modelLatencyMs), p99(endpoint?.overheadLatencyMs), percent(errorPercent(step) / 100),
    share(cpu), share(memory), endpoint === undefined ? '–' : instances, notesOf(step),
  ];
}

function edgeRow(step: EdgeStep, cores: number): Row {
  const { cpu, memory } = utilizationOfDevice(step, cores);
  return [
    `${step.step}`, `${step.users}`, ...clientCells(step), percent(errorPercent(step) / 100),
    share(step.device === undefined ? undefined : step.device.agentCpuPercent / (cores * 100)), share(cpu), share(memory),
    percent(step.client.workerCpuPercent / 100), notesOf(step),
  ];
}

function clientCells({ client: { tps, p50Ms, p90Ms, p99Ms } }: Step | EdgeStep): Row {
  return [tps, p50Ms, p90Ms, p99Ms].map(number);
}

function notesOf({ clientLimited, repeats, notes }: Step | EdgeStep): string {
  return [...clientLimited ? ['client-limited'] : [], ...repeats === undefined ? [] : [`repeats ${repeats}`], ...notes].join('; ');
}

function p99(latency: Latency | undefined): string {
  return latency === undefined ? '–' : number(latency.p99);
}

function share(value: number | undefined): string {
  return value === undefined ? '–' : percent(value);
}

/** What follows from the steps. */
export function factsOf(side: CloudAnalysis | Analysis<AnyRun>): Fact[] {
  const { capacity, plan, cost, run } = side;
  const { knee, peak, withinLimits } = capacity;
  const one = run.kind === 'endpoint' ? ' of one instance' : ' of the device';
  const atLeast = capacity.isLowerBound ? 'at least ' : '';
  return [
    { name: `knee${one}`, value: knee.kind === 'none' ? `none: ${knee.reason}` : `${knee.kind === 'found' ? '' : 'below '}${number(knee.users)} users, ${number(knee.tps)} TPS` },
    { name: `highest TPS${one}`, value: peak === undefined ? 'no step had few enough errors' : `${atLeast}${number(peak.tps)} at ${number(peak.users)} users` },
    ...withinLimits === undefined || withinLimits === peak
      ? [] : [{ name: 'highest TPS within the p99 limit', value: `${number(withinLimits.tps)} at ${number(withinLimits.users)} users` }],
    ...plan === undefined ? [] : [{ name: 'TPS at 60–70 %', value: `${number(plan.at60)}–${number(plan.at70)}${PLAN_BASIS[plan.basis]}` }],
    ...'inferenceRecommender' in side ? cloudFacts(side) : [],
    ...costFacts(cost, run.kind === 'endpoint' ? 'an instance' : 'the device'),
  ];
}

const PLAN_BASIS = {
  cpu: ' of its CPU',
  gpu: ' of its GPU',
  peak: ' of its highest TPS, since the CPU does not tell',
} as const;

function cloudFacts({ instances, scalingPolicy, inferenceRecommender }: CloudAnalysis): Fact[] {
  return [
    ...instances === undefined ? [] : [{
      name: `instances for ${number(instances.targetTps)} TPS`,
      value: `${instances.at60} at 60 %, ${instances.at70} at 70 %, ${instances.full} without headroom`,
    }],
    ...scalingPolicy === undefined ? [] : [{
      name: 'scaling policy',
      value: `${scalingPolicy.code} // AWS's formula: highest TPS × 0.5 × 60; 60–70 % would be ${scalingPolicy.targetAt60}–${scalingPolicy.targetAt70}`,
    }],
    { name: 'Inference Recommender', value: `${inferenceRecommender.advised ? 'advised: ' : ''}${inferenceRecommender.reason}` },
  ];
}

function costFacts(cost: Cost | NoPrice, one: string): Fact[] {
  if ('missing' in cost) {
    return [{ name: 'cost', value: cost.missing }];
  }
  const { usdPerHour, usdPerHourForTarget, usdPerMillion, usdPerMillionFull, source } = cost;
  return [
    { name: `cost of ${one} an hour`, value: `${usd(usdPerHour)} (${source})` },
    ...usdPerHourForTarget === undefined ? [] : [{ name: 'cost of all instances an hour', value: usd(usdPerHourForTarget) }],
    ...usdPerMillion === undefined || usdPerMillionFull === undefined ? [] : [{
      name: 'cost per million predictions',
      value: `${usd(usdPerMillion)} at 60 % day and night, ${usd(usdPerMillionFull)} full; half the traffic costs twice as much each`,
    }],
  ];
}

function aligned(rows: readonly Row[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const last = widths.length - 1;
  return rows.map((row) => row.map((cell, column) => column === last ? cell : cell.padStart(widths[column] ?? 0)).join('  '));
}
