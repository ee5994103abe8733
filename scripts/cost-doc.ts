// Writes the tables of docs/cost.md that are computed, between their markers. With --check it compares instead, and fails when they are
// stale. Prices are in scripts/cost/prices.ts, and what is supposed of a fleet in scripts/cost/fleet-health.ts.
import { readFileSync, writeFileSync } from 'node:fs';
import { ASSUMED, partsOf, PATHS, reportsOf, totalOf } from './cost/fleet-health';
import { DATE, PRICES, REGION } from './cost/prices';

const PAGE = 'docs/cost.md';
const BEGIN = '<!-- computed: npx tsx scripts/cost-doc.ts -->';
const END = '<!-- end -->';
const FLEETS = [1000, 100_000];

function dollars(usd: number): string {
  return usd < 10 ? usd.toFixed(1) : Math.round(usd).toLocaleString('en');
}

function row(...cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function computed(): string {
  const [small, large] = FLEETS.map((devices) => partsOf(devices));
  const heads = FLEETS.map((devices) => `${devices.toLocaleString('en')} devices`);
  const seldom = totalOf(partsOf(FLEETS[0] ?? 0, 15));
  const messages = FLEETS.map((devices) => dollars(reportsOf(devices) * PRICES.message));
  return [
    `One report in ${ASSUMED.reportMinutes} minutes of ${ASSUMED.reportBytes} bytes, in US dollars a month, by the prices of ${REGION} of ${DATE}. Some of them are from memory: \`scripts/cost/prices.ts\` says which.`,
    'Check them before you rest a decision on them.',
    '',
    row('way', ...heads, 'why not, or why'),
    row('---', ...heads.map(() => '---'), '---'),
    ...PATHS.map(({ path, usd, why }) => row(path, ...FLEETS.map((devices) => dollars(usd(devices))), why)),
    '',
    'The last one by its parts:',
    '',
    row('part', ...heads),
    row('---', ...heads.map(() => '---')),
    ...(small ?? []).map(({ what, usd }, index) => row(what, dollars(usd), dollars(large?.[index]?.usd ?? 0))),
    row('**in all**', ...[small ?? [], large ?? []].map((parts) => `**${dollars(totalOf(parts))}**`)),
    '',
    `With a report in 15 minutes it is ${dollars(seldom)} for 1,000 devices: metrics, alarms and the dashboard are the same for any number of devices and reports.`,
    'Whether IoT charges for a message that comes by HTTPS to a topic of Basic Ingest was not seen: its documentation says that Basic Ingest has no messaging costs.',
    `If it does, add ${messages[0] ?? ''} and ${messages[1] ?? ''}.`,
  ].join('\n');
}

const page = readFileSync(PAGE, 'utf8');
const [before, rest] = page.split(BEGIN);
const after = rest?.split(END)[1];
if (before === undefined || after === undefined) {
  throw new Error(`${PAGE} must have '${BEGIN}' and '${END}'`);
}
const fresh = `${before}${BEGIN}\n${computed()}\n${END}${after}`;
if (!process.argv.includes('--check')) {
  writeFileSync(PAGE, fresh);
} else if (fresh !== page) {
  console.error(`${PAGE} is stale: run npx tsx scripts/cost-doc.ts and commit it`);
  process.exitCode = 1;
}
