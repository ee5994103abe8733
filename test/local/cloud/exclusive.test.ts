import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { exclusively } from '../../../local/cloud/exclusive';
import { temporaryFolder } from '../temporary-folder';

const folder = temporaryFolder();
afterAll(() => {
  folder.remove();
});
const file = path.join(folder.root, 'shared', 'made');
const lock = `${file}.lock`;

test('one work ends before the next one begins', async () => {
  const steps: string[] = [];
  await Promise.all(['a', 'b'].map(async (name) => exclusively(file, async () => {
    steps.push(`${name} begins`);
    await sleep(300);
    steps.push(`${name} ends`);
  })));
  expect([steps[0]?.at(0), steps[2]?.at(0)].sort()).toEqual(['a', 'b']);
  expect(steps.map((step) => step.slice(2))).toEqual(['begins', 'ends', 'begins', 'ends']);
  expect(fs.existsSync(lock)).toBe(false);
});

test('work that fails lets the next one begin', async () => {
  await expect(exclusively(file, async () => Promise.reject(new Error('no disk')))).rejects.toThrow('no disk');
  expect(fs.existsSync(lock)).toBe(false);
});

test('it fails when another process has taken over meanwhile', async () => {
  await expect(exclusively(file, async () => {
    fs.rmdirSync(lock);
    fs.mkdirSync(lock);
    fs.utimesSync(lock, new Date(0), new Date(0));
    await sleep(8000);
  })).rejects.toMatchObject({ name: 'LocalProblem', message: expect.stringContaining(`another process has made ${file} meanwhile`) as unknown });
  expect(fs.existsSync(lock)).toBe(true); // it is the other one's
});
