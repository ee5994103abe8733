import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeOnce } from '../../../local/cloud/make-once';
import { temporaryFolder } from '../temporary-folder';

const folder = temporaryFolder();
afterAll(() => {
  folder.remove();
});
const file = path.join(folder.root, 'shared', 'made');
const lock = `${file}.lock`;
const never = (): boolean => false;

test('what is there is not made', async () => {
  const make = jest.fn();
  await makeOnce(file, () => true, make);
  expect(make).not.toHaveBeenCalled();
});

test('of two that begin together one makes it, and the other one waits until it is made', async () => {
  const steps: string[] = [];
  let isMade = false;
  await Promise.all(['a', 'b'].map(async () => {
    await makeOnce(file, () => isMade, async () => {
      steps.push('begins');
      await sleep(300);
      isMade = true;
      steps.push('ends');
    });
    steps.push('has it');
  }));
  expect(steps).toEqual(['begins', 'ends', 'has it', 'has it']);
  expect(fs.existsSync(lock)).toBe(false);
});

test('where one fails, the next one makes it', async () => {
  const steps: string[] = [];
  const outcomes = await Promise.allSettled(['a', 'b'].map(async (name) => makeOnce(file, never, async () => {
    steps.push(`${name} begins`);
    await sleep(300);
    steps.push(`${name} ends`);
    throw new Error('no disk');
  })));
  expect([steps[0]?.at(0), steps[2]?.at(0)].sort()).toEqual(['a', 'b']);
  expect(steps.map((step) => step.slice(2))).toEqual(['begins', 'ends', 'begins', 'ends']);
  expect(outcomes.map((outcome) => outcome.status === 'rejected' && String(outcome.reason))).toEqual(['Error: no disk', 'Error: no disk']);
  expect(fs.existsSync(lock)).toBe(false);
});

test('it fails when another process has taken over meanwhile', async () => {
  await expect(makeOnce(file, never, async () => {
    fs.rmdirSync(lock);
    fs.mkdirSync(lock);
    fs.utimesSync(lock, new Date(0), new Date(0));
    await sleep(8000);
  })).rejects.toMatchObject({ name: 'LocalProblem', message: expect.stringContaining(`another process has made ${file} meanwhile`) as unknown });
  expect(fs.existsSync(lock)).toBe(true); // it is the other one's
});
