import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { AgentProcess, scratchFolder } from '../support/agent-process';
import { writePackage } from '../support/models';
import { onnx, type OnnxGraph, type OnnxWeights } from '../support/onnx';
import { refusal } from '../support/refusal';
import { bytes, floats } from '../support/tensors';

jest.setTimeout(60_000); // processes of their own, on a busy machine

const folder = scratchFolder();
let agent: AgentProcess;
beforeAll(async () => {
  agent = await AgentProcess.start({ folder, workingFolder: folder });
}, 60_000);
afterAll(() => agent.stop());

const DATA = 'model.onnx.data';
const filled = (length: number, value: number): Buffer => Buffer.from(new Float32Array(length).fill(value).buffer);
const external = (name: string, dimensions: readonly number[], location = DATA): OnnxWeights => {
  const length = 4 * dimensions.reduce((product, dimension) => product * dimension, 1);
  return { name, type: 'float32', dimensions, content: { location, length } };
};
const embedded = (name: string, value: number): OnnxWeights => (
  { name, type: 'float32', dimensions: [16], content: new Float32Array(16).fill(value) }
);
const image = { inputs: [{ name: 'x', type: 'float32', shape: [1, 16, 8, 8] }], outputs: [{ name: 'y', type: 'float32' }] } as const;
const vector = { inputs: [{ name: 'x', type: 'float32', shape: [1, 64] }], outputs: [{ name: 'y', type: 'float32' }] } as const;

/** What PyTorch's exporter writes: the `.onnx` is the same after each training, the weights are in the file beside it. */
const NETWORKS: Readonly<Record<string, { graph: OnnxGraph; input: number[]; weights: number; sum: number }>> = {
  'a convolution, whose weights are laid out anew': {
    graph: { ...image, nodes: [{ operator: 'Conv', inputs: ['x', 'w'], outputs: ['y'] }], weights: [external('w', [16, 16, 1, 1])] },
    input: [1, 16, 8, 8], weights: 256, sum: 16,
  },
  'a convolution with its normalisation, which are folded': {
    graph: {
      ...image,
      nodes: [
        { operator: 'Conv', inputs: ['x', 'w'], outputs: ['c'] },
        { operator: 'BatchNormalization', inputs: ['c', 's', 'b', 'm', 'v'], outputs: ['y'] },
      ],
      weights: [external('w', [16, 16, 1, 1]), embedded('s', 1), embedded('b', 0), embedded('m', 0), embedded('v', 1)],
    },
    input: [1, 16, 8, 8], weights: 256, sum: 16,
  },
  'a product, whose weights stay where they are': {
    graph: { ...vector, nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }], weights: [external('w', [64, 64])] },
    input: [1, 64], weights: 4096, sum: 64,
  },
  'a transposed weight, which is folded': {
    graph: {
      ...vector,
      nodes: [
        { operator: 'Transpose', inputs: ['w'], outputs: ['t'], attributes: { perm: [1, 0] } },
        { operator: 'MatMul', inputs: ['x', 't'], outputs: ['y'] },
      ],
      weights: [external('w', [64, 64])],
    },
    input: [1, 64], weights: 4096, sum: 64,
  },
};

async function firstNumber(path: string, input: number[]): Promise<number> {
  await agent.calls.loadModel('m', path);
  try {
    const length = input.reduce((product, dimension) => product * dimension, 1);
    const { tensors } = await agent.calls.predict('m', [floats('x', input, Array.from({ length }, () => 1))]);
    return bytes(tensors[0]).readFloatLE(0);
  } finally {
    await agent.calls.unLoadModel('m');
  }
}

describe.each(Object.entries(NETWORKS))('two trainings of one network: %s', (kind, { graph, input, weights, sum }) => {
  const model = onnx(graph);
  const place = (version: string): string => join(folder, kind.replaceAll(/\W/g, ''), version);

  it('each serves its own weights, also when both were loaded before', async () => {
    for (const [version, value] of [['1', 1], ['2', 2]] as const) {
      writePackage(place(version), model, { version, others: { [DATA]: filled(weights, value) } });
    }
    for (let round = 0; round < 2; round += 1) {
      expect(await firstNumber(place('1'), input)).toBeCloseTo(sum, 2);
      expect(await firstNumber(place('2'), input)).toBeCloseTo(2 * sum, 2);
    }
  }, 60_000);

  it('no weights are taken from the working folder of the agent', async () => {
    writePackage(place('3'), model, { version: '3', others: { [DATA]: filled(weights, 3) } });
    writeFileSync(join(folder, DATA), filled(weights, 7));
    for (let round = 0; round < 2; round += 1) {
      expect(await firstNumber(place('3'), input)).toBeCloseTo(3 * sum, 1);
    }
  }, 60_000);
});

const PRODUCT = (location: string): Buffer => (
  onnx({ ...vector, nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }], weights: [external('w', [64, 64], location)] })
);

it.each(['weights/part.bin', 'my weights/part 1.bin', '.hidden'])('weights in %s of the package are read', async (location) => {
  const path = writePackage(join(folder, location.replaceAll(/\W/g, '-')), PRODUCT(location), { others: { [location]: filled(4096, 5) } });
  expect(await firstNumber(path, [1, 64])).toBe(320);
});

it.each([
  ['a file that the package lacks', 'missing.bin'],
  ['a file above the package', '../above.bin'],
  ['a file of the machine', join(folder, 'above.bin')],
])('LoadModel fails when the weights are in %s', async (what, location) => {
  const path = writePackage(join(folder, 'outside', what.replaceAll(' ', '-')), PRODUCT(location));
  for (const place of [join(folder, 'above.bin'), join(dirname(path), 'above.bin'), join(folder, 'missing.bin')]) {
    mkdirSync(dirname(place), { recursive: true });
    writeFileSync(place, filled(4096, 7));
  }
  const reason = `its weights are in ${JSON.stringify(location)}, which is not a file of the package`;
  await expect(agent.calls.loadModel('m', path)).rejects.toMatchObject(refusal(status.FAILED_PRECONDITION, reason));
});

it('LoadModel fails when the weights of a branch are in a file that the package lacks', async () => {
  const branch: OnnxGraph = {
    nodes: [{ operator: 'Identity', inputs: ['w'], outputs: ['b'] }],
    inputs: [],
    outputs: [{ name: 'b', type: 'float32', shape: [64, 64] }],
    weights: [external('w', [64, 64], 'branch.bin')],
  };
  const model = onnx({
    nodes: [{ operator: 'If', inputs: ['x'], outputs: ['y'], attributes: { then_branch: branch, else_branch: branch } }],
    inputs: [{ name: 'x', type: 'bool', shape: [] }],
    outputs: [{ name: 'y', type: 'float32', shape: [64, 64] }],
  });
  const path = writePackage(join(folder, 'branch'), model);
  await expect(agent.calls.loadModel('m', path)).rejects.toMatchObject(refusal(status.FAILED_PRECONDITION, 'its weights are in "branch.bin"'));
});

it('an optimised model that still names its weights is not kept', () => {
  const kept = readdirSync(join(folder, 'data', 'optimised'));
  expect(kept.filter((name) => name.endsWith('.tmp'))).toEqual([]);
  expect(kept.length).toBeGreaterThan(0);
});
