import { jobOf } from '../test/lambda/jobs/harness';
import type { Row } from './row';

const POLL = 30;

/** The real handlers over the tests' service, on a clock of their own: how late a resource completes, and what it asks. */
export async function benchJobs(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const seconds of [20, 50]) {
    const { lag } = await silently(() => jobOf(seconds));
    rows.push({ what: `lag after a job of ${seconds} s`, ratio: lag, goal: 5, unit: 's' });
  }
  const { lag, calls } = await silently(() => jobOf(600));
  rows.push({
    what: `SageMaker calls for a job of 600 s ÷ a ${POLL}-second poll's`,
    ratio: calls / (600 / POLL + 2),
    goal: 1,
    detail: `${calls} calls, lag ${lag.toFixed(0)} s`,
  });
  return rows;
}

/** Without the handlers' own lines. */
async function silently<T>(work: () => Promise<T>): Promise<T> {
  const { log } = console;
  console.log = () => undefined;
  try {
    return await work();
  } finally {
    console.log = log;
  }
}
