import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from '../../../agent/config/reader';
import { fromNumbers } from '../../../agent/client/elements';
import { decodePng, encodePng } from '../../../agent/client/image/png';
import { newImage } from '../../../agent/client/image/pixels';
import { writeNpy } from '../../../agent/client/npy';
import { agentBundle, AgentProcess, scratchFolder, waitFor } from '../support/agent-process';
import { identityModel, writePackage } from '../support/models';
import { onnx } from '../support/onnx';

jest.setTimeout(60_000); // processes of their own, on a busy machine

const folder = scratchFolder();
let agent: AgentProcess;

/** Takes a picture of 64 x 64, and finds three boxes in it, whatever it shows: YOLOv8's layout. */
const DETECTOR = onnx({
  nodes: [{ operator: 'Identity', inputs: ['images'], outputs: ['seen'] }, { operator: 'Identity', inputs: ['found'], outputs: ['output0'] }],
  inputs: [{ name: 'images', type: 'float32', shape: [1, 3, 64, 64] }],
  outputs: [{ name: 'seen', type: 'float32', shape: [1, 3, 64, 64] }, { name: 'output0', type: 'float32', shape: [1, 6, 3] }],
  weights: [{
    name: 'found', type: 'float32', dimensions: [1, 6, 3],
    // Centre, size, two classes. The second box is nearly the first one.
    content: Float32Array.from([[32, 33, 48], [32, 32, 24], [8, 8, 8], [16, 16, 8], [0.875, 0.75, 0], [0, 0, 0.5]].flat()),
  }],
});

beforeAll(async () => {
  agent = await AgentProcess.start({ folder });
  writePackage(join(folder, 'detector-package'), DETECTOR);
  writePackage(join(folder, 'scores-package'), identityModel('float32', ['n', 3]));
  await agent.calls.loadModel('detector', join(folder, 'detector-package'));
  await agent.calls.loadModel('scores', join(folder, 'scores-package'));
  const picture = newImage(200, 100);
  writeFileSync(join(folder, 'wide.png'), encodePng({ ...picture, data: picture.data.fill(255) }));
  const logits = fromNumbers('float64', [0, Math.log(2), Math.log(5)]);
  writeFileSync(join(folder, 'logits.npy'), writeNpy({ type: 'float64', shape: [1, 3], data: logits }));
  writeFileSync(join(folder, 'likely.npy'), writeNpy({ type: 'float32', shape: [1, 3], data: fromNumbers('float32', [0.75, 0.25, 0]) }));
  writeFileSync(join(folder, 'labels.txt'), 'cat\ndog\nhen\n');
  writeFileSync(join(folder, 'shapes.txt'), 'circle\nsquare\n');
}, 60_000);
afterAll(() => agent.stop());

interface Result {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function client(args: readonly string[], stdin?: string): Promise<Result> {
  return new Promise((done) => {
    const child = execFile(process.execPath, [join(agentBundle(), 'agent-client.js'), ...args], { cwd: folder }, (error, stdout, stderr) => {
      done({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
    child.stdin?.end(stdin);
  });
}

function predict(...args: readonly string[]): Promise<Result> {
  return client(['-a', agent.socketPath, 'Predict', ...args]);
}

function json({ stdout, stderr }: Result): Record<string, unknown> {
  const parsed: unknown = stdout === '' ? stderr : JSON.parse(stdout);
  return isRecord(parsed) ? parsed : { parsed };
}

describe('--decode classes', () => {
  const READ = ['--decode', 'classes', '--labels', 'labels.txt'];

  it('prints the likeliest classes, the softmax of logits, and that a file was cast', async () => {
    const { stdout, stderr, code } = await predict('scores', 'logits.npy', ...READ, '--top', '2');
    expect(stdout.split('\n').slice(0, 2)).toEqual(['0.625  hen', '0.250  dog']);
    expect(stderr).toBe('logits.npy: cast from float64 to float32, the type of input x\n');
    expect(code).toBe(0);
  });

  it('takes probabilities as they are, as JSON', async () => {
    const result = json(await predict('scores', 'likely.npy', ...READ, '--json'));
    expect(result).toMatchObject({ softmax: false, classes: [[{ label: 'cat', probability: 0.75 }, { label: 'dog', probability: 0.25 }, { label: 'hen', probability: 0 }]] });
  });

  it('says of which item of a batch a class is', async () => {
    const { stdout } = await predict('scores', 'likely.npy', 'likely.npy', ...READ, '--top', '1');
    expect(stdout.split('\n').slice(0, 2)).toEqual(['item 0  0.750  cat', 'item 1  0.750  cat']);
  });

  it('says the place of the greatest value for each item of a batch, also where nothing is decoded', async () => {
    const { stdout } = await predict('scores', 'likely.npy', 'likely.npy');
    const [place = ''] = /argmax (\d+)\n/.exec((await predict('scores', 'likely.npy')).stdout)?.slice(1) ?? [];
    expect(stdout).toMatch(new RegExp(`^y  float32 \\[2, 3\\] .* argmax ${place} ${place}$`, 'm'));
  });

  it.each([
    ['the labels are of another model', ['scores', 'likely.npy', '--decode', 'classes', '--labels', 'shapes.txt'], /output y has 3 classes, --labels has 2 lines/],
    ['there are no labels in the file\'s place', ['scores', 'likely.npy', '--decode', 'classes', '--labels', 'none.txt'], /ENOENT.*none\.txt/],
    ['the model has no scores', ['detector', 'wide.png', '--decode', 'classes'], /--decode: wanted an output of floats of \[items, classes\], got seen float32 \[1, 3, 64, 64\], output0 float32 \[1, 6, 3\]/],
    ['the model has no such output', ['scores', 'likely.npy', '--decode', 'classes', '--output', 'z'], /--decode: wanted an output z of floats of \[items, classes\], got y float32 \[1, 3\]/],
  ])('fails when %s', async (_, args, message) => {
    const { code, stderr } = await predict(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });
});

describe('--decode boxes', () => {
  const READ = ['--decode', 'boxes', '--labels', 'shapes.txt'];

  it('prints what was found in the pixels of the picture, and draws it', async () => {
    const { stdout } = await predict('detector', 'wide.png', ...READ, '--draw', 'drawn.png');
    expect(stdout.split('\n').slice(0, 3)).toEqual([
      '0.875  circle  left 88  top 25  right 113  bottom 75  red',
      '0.500  square  left 138  top 13  right 163  bottom 38  green',
      'drawn       drawn.png',
    ]);
    const { width, height, data } = decodePng(readFileSync(join(folder, 'drawn.png')));
    expect([width, height]).toEqual([200, 100]);
    expect([...data.subarray((50 * 200 + 88) * 3, (50 * 200 + 88) * 3 + 3)]).toEqual([230, 25, 75]);
  });

  it('gives them as JSON, and --iou and --score decide which', async () => {
    const result = json(await predict('detector', 'wide.png', ...READ, '--iou', '0.9', '--score', '0.6', '--json'));
    expect(result).toMatchObject({
      boxLayout: 'v8',
      boxes: [[{ class: 0, label: 'circle', score: 0.875, left: 87.5, top: 25, right: 112.5, bottom: 75 }, { score: 0.75, left: 90.625, right: 115.625 }]],
    });
  });

  it('says when nothing was found', async () => {
    expect((await predict('detector', 'wide.png', ...READ, '--score', '1')).stdout).toMatch(/^no boxes of score 1 or more\n/);
  });

  it.each([
    ['the layout is another', ['detector', 'wide.png', ...READ, '--boxes', 'v5'], /--decode boxes: wanted \[items, boxes, 7\] \(v5\) of 2 labels, got \[1, 6, 3\]/],
    ['the labels are of another model', ['detector', 'wide.png', '--decode', 'boxes', '--labels', 'labels.txt'], /--decode boxes: wanted .* of 3 labels, got \[1, 6, 3\]/],
    ['the model has no boxes', ['scores', 'likely.npy', '--decode', 'boxes'], /--decode: wanted an output of floats of three dimensions, got y float32 \[1, 3\]/],
  ])('fails when %s', async (_, args, message) => {
    const { code, stderr } = await predict(...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
  });

  it('fails when there is no picture to draw on', async () => {
    writeFileSync(join(folder, 'tensor.raw'), Buffer.alloc(3 * 64 * 64 * 4));
    const { code, stderr } = await predict('detector', 'tensor.raw', ...READ, '--draw', 'drawn.png');
    expect([code, stderr]).toEqual([1, '--draw: wanted an input of images, got none\n']);
  });
});

it('--repeat prints percentiles and throughput of predictions after the first', async () => {
  const { stdout } = await predict('scores', 'likely.npy', '--repeat', '20');
  expect(stdout).toMatch(/\n20 more: p50 \d+\.\d\d ms {2}p90 \d+\.\d\d ms {2}p99 \d+\.\d\d ms {2}\d+\.\d predictions\/s\n$/);
  const { timing } = json(await predict('scores', 'likely.npy', '--repeat', '3', '--json'));
  const number: unknown = expect.any(Number);
  expect(timing).toEqual({ predictions: 3, p50: number, p90: number, p99: number, predictionsPerSecond: number });
});

it('Metrics prints the last metrics of the agent\'s stdout, from a file or stdin', async () => {
  await predict('scores', 'likely.npy');
  agent.signal('SIGUSR2');
  await waitFor('the lines', () => agent.stdout.includes('"MemoryBytes"'));
  writeFileSync(join(folder, 'agent.log'), agent.stdout);
  expect((await client(['Metrics', 'agent.log'])).stdout).toMatch(/^agent {2}\S+Z\n {2}PredictCount +\d+ Count\n[^]*model scores {2}\S+Z\n {2}PredictCount +\d+ Count\n/);
  expect(json(await client(['Metrics', '-', '--json'], agent.stdout))).toEqual({ metrics: expect.arrayContaining([expect.objectContaining({ model: 'scores' })]) as unknown });
  expect(await client(['Metrics', '-'], '')).toEqual({ code: 1, stdout: '', stderr: 'stdin: wanted lines of the agent\'s metrics, got none\n' });
});

it('--help prints the usage alone', async () => {
  const { code, stdout, stderr } = await client(['--help']);
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toMatch(/^usage: node agent-client\.js/);
});
