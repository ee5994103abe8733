import { benchHandlers } from './handlers';
import { benchAgent } from './agent';
import { benchJobs } from './jobs';
import { benchLocal } from './local';
import { benchOrphans } from './orphans';
import { benchLoadTestCloud } from './load-test/cloud';
import { benchLoadTest } from './load-test/main';
import { benchDrift } from './drift';
import { benchFleetHealth } from './fleet-health/main';
import type { Row } from './row';
import { benchSynth } from './synth';

const BENCHES: Record<string, () => Promise<Row[]>> = {
  synth: benchSynth,
  handlers: benchHandlers,
  jobs: benchJobs,
  orphans: benchOrphans,
  agent: benchAgent,
  local: benchLocal,
  'load-test': benchLoadTest,
  'load-test-cloud': benchLoadTestCloud,
  'fleet-health': benchFleetHealth,
  drift: benchDrift,
};

/** `npm run bench [name …]`: prints a table. Goals are shown, not enforced: a shared machine is no judge. */
async function main(names: readonly string[]): Promise<void> {
  const unknown = names.filter((name) => !(name in BENCHES));
  if (unknown.length > 0) {
    throw new Error(`no benchmark ${unknown.join(', ')}: there are ${Object.keys(BENCHES).join(', ')}`);
  }
  for (const [name, bench] of Object.entries(BENCHES)) {
    if (names.length > 0 && !names.includes(name)) {
      continue;
    }
    for (const row of await bench()) {
      console.log(format(row));
    }
  }
}

function format({ what, ratio, goal, unit, detail }: Row): string {
  const value = `${unit === undefined ? ratio.toFixed(2) : ratio.toFixed(1)}${unit === undefined ? ' ×' : ` ${unit}`}`;
  const wanted = goal === undefined ? '' : `goal ≤ ${goal} ${ratio <= goal ? 'met' : 'MISSED'}`;
  return [what.padEnd(58), value.padStart(12), wanted.padEnd(18), detail ?? ''].join('  ').trimEnd();
}

process.env.ORT_DISABLE_TELEMETRY ??= '1'; // ONNX Runtime 1.30 reports to its makers otherwise
main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
