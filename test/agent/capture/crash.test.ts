import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AgentProcess, filesBelow, scratchFolder, waitFor } from '../support/agent-process';
import { idsIn } from '../support/s3-server';
import { bytes, capture, floats } from '../support/tensors';
import type { CaptureDataRequest } from '../../../agent/generated/agent';

const KILLS = 20;

/** A generator of its own, so that a failure can be run again. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

it(`no accepted record is lost when the agent is killed at ${KILLS} moments of a burst`, async () => {
  const folder = scratchFolder();
  const disk = join(folder, 'disk');
  const next = random(20_261_121);
  const config = { sagemaker_edge_core_capture_data_batch_size: 3, sagemaker_edge_core_capture_data_push_period_seconds: 1 };
  const settings = { folder, config };
  const accepted = new Map<string, CaptureDataRequest>();
  for (let kill = 0; kill < KILLS; kill += 1) {
    const agent = await AgentProcess.start(settings);
    let alive = true;
    const client = async (name: string): Promise<void> => {
      while (alive) {
        // Some tensors lie in the record, others beside it.
        const request = capture(name, { inputTensors: [floats('x', [next() < 0.5 ? 4 : 2000], undefined)] });
        await agent.calls.captureData(request).then(() => accepted.set(request.captureId, request), () => {
          alive = false;
        });
      }
    };
    const before = accepted.size;
    const burst = Promise.all([client('first'), client('second'), client('first')]);
    if (kill % 2 === 1) { // a busy machine accepts nothing for a while: only half of the moments may lie in it
      await waitFor('accepted records', () => accepted.size >= before + 3);
    }
    await new Promise((resume) => {
      setTimeout(resume, 1 + next() * 120);
    });
    expect(await agent.stop('SIGKILL')).toBe('SIGKILL');
    await burst;
  }
  expect(accepted.size).toBeGreaterThan(KILLS);

  const last = await AgentProcess.start(settings);
  const written = (): string[] => filesBelow(disk).filter((file) => file.endsWith('.jsonl')).flatMap((file) => idsIn(readFileSync(join(disk, file))));
  const lost = (): string[] => {
    const there = new Set(written());
    return [...accepted.keys()].filter((id) => !there.has(id));
  };
  await waitFor('the last records', () => lost().length === 0, 20_000).catch(() => undefined);
  expect(await last.stop()).toBe(0);
  expect(lost()).toEqual([]);
  const raw = new Map(filesBelow(disk).filter((file) => file.includes('raw-data')).map((file) => [(file.split('/').at(-1) ?? '').slice(0, 36), file]));
  for (const [id, request] of accepted) {
    const data = bytes(request.inputTensors[0]);
    const file = raw.get(id);
    expect(file === undefined ? data.length : readFileSync(join(disk, file)).length).toBe(file === undefined ? 16 : 8000);
  }
}, 120_000);
