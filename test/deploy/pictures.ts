import * as fs from 'node:fs';
import * as path from 'node:path';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { fromNumbers } from '../../agent/client/elements';
import { writeNpy } from '../../agent/client/npy';
import { agentBundle, AgentProcess } from '../agent/support/agent-process';
import { identityModel, writePackage } from '../agent/support/models';

/** One grey picture of 8 × 8. */
export const SHAPE = [1, 1, 8, 8];
const SAMPLES = 400;
const SAMPLE_SEED = 7;

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A picture as the line sees them: brighter or darker, with more or less contrast. */
export function picture(random: () => number, brightness = 1): number[] {
  const level = 0.4 + 0.3 * random();
  const contrast = 0.2 + 0.3 * random();
  return Array.from({ length: 64 }, () => brightness * (level + contrast * (random() - 0.5)));
}

/** Writes a model and its drift baseline, which an agent makes of samples, into a folder. */
export async function writeWatchedModel(folder: string): Promise<void> {
  const model = identityModel('float32', SHAPE);
  const scratch = fs.mkdtempSync(path.join('/tmp', 'fa-')); // short: there is a socket in it
  const samples = path.join(scratch, 'samples');
  fs.mkdirSync(samples);
  const random = noise(SAMPLE_SEED);
  for (let index = 0; index < SAMPLES; index += 1) {
    const data = fromNumbers('float32', picture(random));
    fs.writeFileSync(path.join(samples, `${index}.npy`), writeNpy({ type: 'float32', shape: SHAPE, data }));
  }
  const agent = await AgentProcess.start({ folder: scratch });
  try {
    await agent.calls.loadModel('inspector', writePackage(path.join(scratch, 'package'), model));
    fs.writeFileSync(path.join(folder, 'model.onnx'), model);
    const output = path.join(folder, 'drift-baseline.json');
    const program = path.join(agentBundle(), 'agent-client.js');
    await promisify(execFile)(process.execPath, [program, '-a', agent.socketPath, 'Baseline', 'inspector', samples, '--output', output]);
  } finally {
    await agent.stop();
    fs.rmSync(scratch, { recursive: true, force: true });
  }
}
