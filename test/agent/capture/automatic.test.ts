import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AutomaticCaptures, type AutomaticCaptureOptions } from '../../../agent/capture/automatic';
import { CAPTURE_REASON } from '../../../agent/capture/read/record';
import { waitFor } from '../support/agent-process';
import type { Capture } from '../../../agent/capture/record';
import type { RawTensor } from '../../../agent/runtime/protocol';

const MODEL = { modelName: 'reader', modelVersion: '2.0' };
const NOON = Date.UTC(2026, 10, 28, 12);
const DAY = 86_400_000;
const tensor = (name: string): RawTensor => ({ name, type: 'float32', shape: [1, 2], data: new Uint8Array(8) });

let folder: string;
let now: number;
let accepted: Capture[];
let warnings: unknown[];
let opened: AutomaticCaptures[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'automatic-'));
  now = NOON;
  accepted = [];
  warnings = [];
  opened = [];
});
afterEach(async () => {
  await Promise.all(opened.map((automatic) => automatic.close()));
  rmSync(folder, { recursive: true });
});

async function open(change: Partial<AutomaticCaptureOptions> = {}): Promise<AutomaticCaptures> {
  const ignore = (): void => undefined;
  const automatic = await AutomaticCaptures.open({
    dailyBudget: 4, confidenceBelow: 0.6, sampleShare: undefined, folder, isDrifted: () => false, now: () => now,
    captures: {
      accept: (capture) => {
        accepted.push(capture);
        return Promise.resolve();
      },
    },
    logger: { debug: ignore, info: ignore, error: ignore, warn: (message, fields) => { warnings.push([message, fields]); } },
    ...change,
  });
  opened.push(automatic);
  return automatic;
}

/** With the confidence of a model that has one. */
function predict(automatic: AutomaticCaptures, confidence: number | null | 'none' = 0.1): void {
  const features = confidence === 'none' ? undefined : { 'output.confidence': confidence };
  automatic.predicted(MODEL, { inputs: [tensor('x')], outputs: [tensor('y')], features });
}

/** What the captures say of why they are. */
function reasons(): unknown[] {
  return accepted.map(({ header, blobs }): unknown => {
    const index = header.items.findIndex(({ name }) => name === CAPTURE_REASON);
    return JSON.parse(String(blobs[index]));
  });
}

it('a prediction that the model is unsure of is captured, with inputs, outputs and the reason', async () => {
  predict(await open());
  expect(accepted.map(({ header }) => header)).toMatchObject([{
    modelName: 'reader', modelVersion: '2.0',
    items: [
      { group: 'inputs', name: 'x', contentType: 'Tensor[FLOAT32; 1, 2]' }, { group: 'outputs', name: 'y' },
      { group: 'auxiliaryOutputs', name: 'capture-reason', encoding: 'JSON' },
    ],
  }]);
  expect(reasons()).toEqual([{ reason: 'unsure', confidence: 0.1 }]);
});

it.each<[string, number | null | 'none']>([
  ['as sure as wanted', 0.6], ['not a number', null], ['without an output of floats', 'none'],
])('one that is %s is not', async (_, confidence) => {
  predict(await open(), confidence);
  expect(accepted).toEqual([]);
});

it('one that drifted is captured, however sure the model is', async () => {
  const isDrifted: AutomaticCaptureOptions['isDrifted'] = (model, features) => model === MODEL && features['output.confidence'] === 0.9;
  predict(await open({ isDrifted }), 0.9);
  expect(reasons()).toEqual([{ reason: 'drifted', confidence: 0.9 }]);
});

it('of the others a share is captured', async () => {
  const draws = [0.5, 0.1, 0.2];
  const automatic = await open({ sampleShare: 0.2, dailyBudget: 1000, random: () => draws.shift() ?? 1 });
  for (let time = 0; time < 3; time += 1) {
    predict(automatic, 0.9);
    now += DAY / 1000;
  }
  expect(reasons()).toEqual([{ reason: 'sampled', confidence: 0.9 }]);
});

it('a day has its budget, spread over it, and the next day another', async () => {
  const automatic = await open();
  for (let minute = 0; minute < 24 * 60; minute += 1) {
    now = NOON - DAY / 2 + minute * 60_000;
    predict(automatic);
  }
  expect(accepted.map(({ header }) => header.id)).toHaveLength(4);
  now = NOON - DAY / 2 + DAY;
  predict(automatic);
  expect(accepted).toHaveLength(5);
});

it('two follow each other after a quarter of the time that divides the day evenly', async () => {
  const automatic = await open();
  predict(automatic);
  now += DAY / 16 - 1;
  predict(automatic);
  expect(accepted).toHaveLength(1);
  now += 1;
  predict(automatic);
  expect(accepted).toHaveLength(2);
});

it('a restart gives no second budget', async () => {
  const automatic = await open({ dailyBudget: 1 });
  predict(automatic);
  await automatic.close();
  now += DAY / 4;
  predict(await open({ dailyBudget: 1 }));
  expect(accepted).toHaveLength(1);
});

it('a clock that is set back within the day gives none either', async () => {
  const automatic = await open({ dailyBudget: 1 });
  predict(automatic);
  now -= 6 * 3_600_000;
  predict(automatic);
  expect(accepted).toHaveLength(1);
});

it.each(['no JSON', '{"day": -1}', '[]'])('begins the day anew where the file is damaged: %s', async (text) => {
  writeFileSync(join(folder, 'capture-budget.json'), text);
  predict(await open());
  expect(accepted).toHaveLength(1);
  expect(warnings).toMatchObject([['what was spent of the budget of captures cannot be read; the day begins anew', {}]]);
});

it('fails when the state folder cannot be read', async () => {
  writeFileSync(join(folder, 'file'), '');
  await expect(open({ folder: join(folder, 'file') })).rejects.toMatchObject({ code: 'ENOTDIR' });
});

it('a refused capture is told once, and the prediction does not hear of it', async () => {
  const automatic = await open({ dailyBudget: 1000, captures: { accept: () => Promise.reject(new Error('the capture spool is full')) } });
  predict(automatic);
  now += DAY / 1000;
  predict(automatic);
  await waitFor('the warning', () => warnings.length > 0);
  await new Promise(setImmediate);
  expect(warnings).toEqual([['a prediction could not be captured', { model: 'reader', reason: 'unsure', error: 'the capture spool is full' }]]);
});
