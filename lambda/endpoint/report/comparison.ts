import { number, usd } from './format';
import { usdPerMillion } from './sizing';
import type { Capacity } from './capacity';
import type { Analysis, Report } from './report';
import type { AnyRun } from './run';
import type { Row } from './table';

/** Shares of the highest TPS at which the cost of a prediction is compared: planned, quiet, almost idle. */
const SHARES = [0.6, 0.1, 0.01] as const;

/** Cloud and edge side by side, with a head. Undefined: the report has one of them alone. */
export function comparisonRows({ cloud, edge }: Report): Row[] | undefined {
  if (cloud === undefined || edge === undefined) {
    return undefined;
  }
  const row = (name: string, cell: (side: Analysis<AnyRun>) => string): Row => [name, cell(cloud), cell(edge)];
  return [
    ['', `cloud: one ${cloud.run.instanceType}`, `edge: ${edge.run.deviceName}`],
    row('highest TPS', ({ capacity }) => point(capacity, ({ tps }) => `${capacity.isLowerBound ? 'at least ' : ''}${number(tps)}`)),
    row('p50 there, ms', ({ capacity }) => point(capacity, ({ p50Ms }) => number(p50Ms))),
    row('p99 there, ms', ({ capacity }) => point(capacity, ({ p99Ms }) => number(p99Ms))),
    row('lightest load: p50, ms', ({ run }) => number(run.steps[0]?.client.p50Ms ?? 0)),
    row('TPS planned, at 60 %', ({ plan }) => plan === undefined ? '–' : number(plan.at60)),
    row('cost an hour', ({ cost }) => 'missing' in cost ? cost.missing : usd(cost.usdPerHour)),
    ...SHARES.map((share) => row(`cost per million at ${share * 100} % of the highest TPS`, ({ cost, capacity }) => {
      const each = 'missing' in cost ? undefined : usdPerMillion(cost.usdPerHour, (capacity.withinLimits?.tps ?? 0) * share);
      return each === undefined ? '–' : usd(each);
    })),
  ];
}

function point({ withinLimits }: Capacity, show: (point: NonNullable<Capacity['withinLimits']>) => string): string {
  return withinLimits === undefined ? '–' : show(withinLimits);
}
