import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import { reportHtml } from '../lambda/endpoint/report/page/page';
import { parseAnyRun } from '../lambda/endpoint/report/parse-run';
import { reportOf } from '../lambda/endpoint/report/report';
import { reportTable } from '../lambda/endpoint/report/table';
import { usageProblem } from './problem';
import type { DeviceCost } from '../lambda/endpoint/report/device-cost';
import type { AnyRun, EdgeRun, Run } from '../lambda/endpoint/report/run';

interface Options {
  readonly edge?: string;
  readonly output?: string;
  readonly json?: string;
  readonly gate: boolean;
  readonly instanceUsd?: string;
  readonly deviceUsd?: string;
  readonly deviceYears: string;
  readonly watts?: string;
  readonly kwhUsd?: string;
}

/** `report`: what load tests say, of an endpoint, of a device, or of both side by side. */
export function reportCommand(): Command {
  return new Command('report')
    .description('what a load test says: an endpoint\'s (report.json of its bucket), a device\'s (client LoadTest --output), or both')
    .argument('<run>', 'the run as JSON')
    .option('--edge <file>', 'the run of a device, beside that of an endpoint')
    .option('-o, --output <file>', 'write one HTML page with plots; it needs no network')
    .option('--json <file>', 'write the report as JSON')
    .option('--gate', 'end with the report\'s code: 0 met, 1 not met, 2 inconclusive', false)
    .option('--instance-usd <number>', 'USD of one instance an hour, instead of the price that is known here')
    .option('--device-usd <number>', 'USD of the device; with --watts and --kwh-usd, the edge has a cost')
    .option('--device-years <number>', 'years that the device serves', '5')
    .option('--watts <number>', 'watts of the device while it predicts')
    .option('--kwh-usd <number>', 'USD of a kWh')
    .action(report);
}

function report(file: string, options: Options): void {
  const runs = [read(file), ...options.edge === undefined ? [] : [read(options.edge)]];
  const cloud = only<Run>(runs.filter((run) => run.kind === 'endpoint'), 'an endpoint');
  const edge = only<EdgeRun>(runs.filter((run) => run.kind === 'edge'), 'a device');
  const made = reportOf({
    cloud, edge, now: new Date(), instanceUsdPerHour: optionalAmount('--instance-usd', options.instanceUsd), device: deviceCost(options),
  });
  console.log(reportTable(made));
  if (options.json !== undefined) {
    writeFileSync(options.json, `${JSON.stringify(made, undefined, 2)}\n`);
  }
  if (options.output !== undefined) {
    writeFileSync(options.output, reportHtml(made));
    console.error(`the page is ${resolve(options.output)}`);
  }
  if (options.gate) {
    process.exitCode = made.exitCode;
  }
}

/** A run, or the run of a report that has one. */
function read(file: string): AnyRun {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    throw usageProblem(`there is no file ${resolve(file)} to read`);
  }
  try {
    return parseAnyRun(runOfReport(text), file);
  } catch (error) {
    throw usageProblem(error instanceof Error ? error.message : String(error));
  }
}

/** The text of the run in a `report.json`. Another text as it is. */
function runOfReport(text: string): string {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return text; // the parser says what is wrong
  }
  const side = member(json, 'cloud') ?? member(json, 'edge');
  const run = member(side, 'run');
  return run === undefined ? text : JSON.stringify(run);
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}

function only<R>(runs: readonly R[], what: string): R | undefined {
  if (runs.length > 1) {
    throw usageProblem(`both files are runs of ${what}: give one of an endpoint, and one of a device with --edge`);
  }
  return runs[0];
}

function deviceCost({ deviceUsd, deviceYears, watts, kwhUsd }: Options): DeviceCost | undefined {
  const given = [deviceUsd, watts, kwhUsd].filter((value) => value !== undefined);
  if (given.length === 0) {
    return undefined;
  }
  if (deviceUsd === undefined || watts === undefined || kwhUsd === undefined) {
    throw usageProblem('a device\'s cost needs --device-usd, --watts and --kwh-usd');
  }
  const years = amount('--device-years', deviceYears);
  if (years === 0) {
    throw usageProblem('--device-years must be above 0, got 0');
  }
  return { priceUsd: amount('--device-usd', deviceUsd), years, watts: amount('--watts', watts), usdPerKwh: amount('--kwh-usd', kwhUsd) };
}

function optionalAmount(option: string, text: string | undefined): number | undefined {
  return text === undefined ? undefined : amount(option, text);
}

function amount(option: string, text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0) {
    throw usageProblem(`${option} must be a number of at least 0, got ${text}`);
  }
  return value;
}
