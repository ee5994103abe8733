import { timeProcess } from './processes';
import type { Row } from './row';

const RUNS = 1500;

/**
 * The tests for orphans with more sequences than in CI, and others each time. Throws with the seed and the sequence
 * that leaves something behind.
 */
export async function benchOrphans(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const handlers of ['jobs', 'identity', 'greengrass', 'device']) {
    const seed = Date.now() % 2 ** 31;
    const jest = ['node_modules/jest/bin/jest.js', `test/lambda/${handlers}/orphans.test.ts`];
    const ms = await timeProcess(process.execPath, jest, { ORPHAN_RUNS: String(RUNS), ORPHAN_SEED: String(seed) });
    rows.push({
      what: `time of ${RUNS} random histories of lambda/${handlers}, no orphan`,
      ratio: ms / 1000,
      unit: 's',
      detail: `seed ${seed}`,
    });
  }
  return rows;
}
