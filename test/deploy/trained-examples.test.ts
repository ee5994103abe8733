import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { overlap } from '../../agent/client/decode/boxes';
import { isRecord } from '../../agent/config/reader';
import { CHECKOUT, LocalFolder } from '../../local/cloud/folder';
import { agentBundle, AgentProcess, filesBelow, scratchFolder } from '../agent/support/agent-process';

const EXAMPLES = path.join(CHECKOUT, 'examples');
const TSX = path.join(CHECKOUT, 'node_modules', '.bin', 'tsx');
const run = promisify(execFile);
const venv = path.join(CHECKOUT, '.local', 'examples-python');
const python = path.join(venv, 'bin', 'python');
let agent: AgentProcess;

/** pip runs while the first models, which need no Python, are tried. */
let installed: Promise<unknown>;

async function install(): Promise<void> {
  await run(LocalFolder.at().python, ['-m', 'venv', '--clear', venv]);
  // Python compiles what it imports, which is less than all.
  const pip = ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--no-compile', '--no-deps', '--only-binary', ':all:'];
  await run(python, [...pip, '--require-hashes', '-r', path.join(EXAMPLES, 'requirements.txt')]);
}

beforeAll(async () => {
  installed = install();
  installed.catch(() => undefined); // the tests that wait for it fail with it
  agent = await AgentProcess.start({ folder: scratchFolder() });
});
afterAll(() => agent.stop());

/** An example, with the model that its folder has. */
function asItLies(example: string): Promise<string> {
  return Promise.resolve(path.join(EXAMPLES, example));
}

/** The app of an example, with a model that its script has just trained. */
async function justTrained(example: string): Promise<string> {
  const folder = path.join(CHECKOUT, '.local', 'examples', example);
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  for (const file of ['app.ts', 'export.py']) {
    fs.copyFileSync(path.join(EXAMPLES, example, file), path.join(folder, file));
  }
  await installed;
  await run(python, [path.join(folder, 'export.py')]);
  return folder;
}

/** Synthesizes the app, and loads the package that a deployment would upload. */
async function load(folder: string, name: string): Promise<void> {
  const assembly = scratchFolder();
  await run(TSX, [path.join(folder, 'app.ts')], { cwd: CHECKOUT, env: { ...process.env, CDK_OUTDIR: assembly } });
  const unpacked = scratchFolder();
  await run('tar', ['-xzf', path.join(assembly, packageIn(assembly)), '-C', unpacked]);
  await agent.calls.loadModel(name, unpacked);
}

function packageIn(assembly: string): string {
  const [only, ...others] = filesBelow(assembly).filter((file) => file.endsWith('.tar.gz'));
  if (only === undefined || others.length > 0) {
    throw new Error(`wanted one package in ${assembly}, got ${filesBelow(assembly).join(', ')}`);
  }
  return only;
}

async function predict(folder: string, name: string, ...args: readonly string[]): Promise<Record<string, unknown>> {
  const client = [path.join(agentBundle(), 'agent-client.js'), '-a', agent.socketPath, 'Predict', name, '--labels', 'labels.txt', '--json'];
  const { stdout } = await run(process.execPath, [...client, ...args], { cwd: folder });
  const parsed: unknown = JSON.parse(stdout);
  return isRecord(parsed) ? parsed : {};
}

function truthOf(folder: string): unknown {
  return JSON.parse(fs.readFileSync(path.join(folder, 'truth.json'), 'utf8'));
}

/** The label of the likeliest class of each item. */
async function labels(folder: string, name: string, ...files: readonly string[]): Promise<unknown[]> {
  const { classes } = await predict(folder, name, ...files, '--decode', 'classes', '--top', '1');
  return Array.isArray(classes) ? classes.flat().filter(isRecord).map(({ label }) => label) : [];
}

interface Box {
  readonly label: unknown;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function boxesOf(value: unknown): Box[] {
  return Array.isArray(value) ? value.filter(isRecord).map(({ label, left, top, right, bottom }) => (
    { label, left: Number(left), top: Number(top), right: Number(right), bottom: Number(bottom) }
  )) : [];
}

describe.each([
  ['as it lies in the repository', asItLies, 'made'],
  ['as its script trains it', justTrained, 'new'],
])('a model %s', (_, prepare, prefix) => {
  test('image-classifier: reads digits that it was not trained on', async () => {
    const folder = await prepare('image-classifier');
    await load(folder, `${prefix}-digits`);
    const truth = truthOf(folder);
    const [files, expected] = isRecord(truth) ? [Object.keys(truth), Object.values(truth)] : [[], []];
    expect(files).toHaveLength(3);
    expect(await labels(folder, `${prefix}-digits`, ...files)).toEqual(expected);
  });

  test('detector: the surest boxes are those of the shapes in its picture', async () => {
    const folder = await prepare('detector');
    await load(folder, `${prefix}-shapes`);
    const truth = boxesOf(truthOf(folder));
    expect(truth).toHaveLength(4);
    const { boxes, boxLayout } = await predict(folder, `${prefix}-shapes`, 'picture.png', '--decode', 'boxes', '--top', String(truth.length));
    const found = boxesOf(Array.isArray(boxes) ? boxes[0] : undefined);
    expect(boxLayout).toBe('v8');
    expect(found).toHaveLength(truth.length);
    for (const box of truth) {
      const nearest = Math.max(0, ...found.filter(({ label }) => label === box.label).map((other) => overlap(box, other)));
      expect(nearest).toBeGreaterThan(0.5);
    }
  });

  test('scikit-learn: knows wines that it was not trained on, from float64', async () => {
    const folder = await prepare('scikit-learn');
    await load(folder, `${prefix}-wines`);
    expect(await labels(folder, `${prefix}-wines`, 'measurements.npy')).toEqual(truthOf(folder));
  });
});
