import { Bench } from '../test/lambda/jobs/bench';
import { compilation } from '../test/lambda/jobs/properties';
import type { Row } from './row';

const POLL = 30;
const STARTING = 2_000; // what the service takes before a job runs

/** The real handlers over the tests' service, on a clock of their own: how late a resource completes, and what it asks. */
export async function benchJobs(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const seconds of [20, 50]) {
    const { lag } = await jobOf(seconds);
    rows.push({ what: `lag after a job of ${seconds} s`, ratio: lag, goal: 5, unit: 's' });
  }
  const { lag, calls } = await jobOf(600);
  rows.push({ what: `SageMaker calls for a job of 600 s ÷ a ${POLL}-second poll's`, ratio: calls / (600 / POLL + 2), goal: 1, detail: `${calls} calls, lag ${lag.toFixed(0)} s` });
  return rows;
}

async function jobOf(seconds: number): Promise<{ lag: number; calls: number }> {
  const bench = new Bench();
  bench.service.plan = () => ({ runs: seconds * 1000 - STARTING });
  const { log } = console;
  console.log = () => undefined; // the handlers' own lines
  try {
    const waiting = await bench.start(bench.event('Create', compilation()));
    const begin = bench.clock.now;
    await bench.settle(waiting);
    return { lag: (bench.clock.now - begin) / 1000 - seconds, calls: bench.service.calls.length };
  } finally {
    console.log = log;
  }
}
