import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { AgentProcess, scratchFolder, waitFor } from './support/agent-process';
import { identityModel, writePackage } from './support/models';
import { onnx, type OnnxGraph } from './support/onnx';
import { refusal } from './support/refusal';
import { bytes, floats } from './support/tensors';

jest.setTimeout(120_000); // processes of their own, on a busy machine

/** A loop whose condition stays true while the input is not zero: with zeros it ends at once. */
function endlessModel(): Buffer {
  const body: OnnxGraph = {
    nodes: [
      { operator: 'Identity', inputs: ['go'], outputs: ['goes'] },
      { operator: 'Identity', inputs: ['v'], outputs: ['w'] },
    ],
    inputs: [{ name: 'i', type: 'int64', shape: [] }, { name: 'go', type: 'bool', shape: [] }, { name: 'v', type: 'float32', shape: [2] }],
    outputs: [{ name: 'goes', type: 'bool', shape: [] }, { name: 'w', type: 'float32', shape: [2] }],
  };
  return onnx({
    nodes: [
      { operator: 'ReduceSum', inputs: ['x'], outputs: ['sum'], attributes: { keepdims: 0 } },
      { operator: 'Cast', inputs: ['sum'], outputs: ['condition'], attributes: { to: 9 } },
      { operator: 'Loop', inputs: ['', 'condition', 'x'], outputs: ['y'], attributes: { body } },
    ],
    inputs: [{ name: 'x', type: 'float32', shape: [2] }],
    outputs: [{ name: 'y', type: 'float32', shape: [2] }],
  });
}

const ENDLESS = floats('x', [2], [1, 1]);
const SHORT = floats('x', [2], [0, 0]);
const OTHER = floats('x', [2], [1, 2]);
let folder: string;
let agent: AgentProcess;

async function start(config: Record<string, unknown> = {}): Promise<void> {
  folder = scratchFolder();
  agent = await AgentProcess.start({ folder, config });
  await agent.calls.loadModel('endless', writePackage(join(folder, 'endless'), endlessModel()));
  await agent.calls.loadModel('other', writePackage(join(folder, 'other'), identityModel('float32', [2])));
}
afterEach(() => agent.stop('SIGKILL'));

/** Processes of the models: children of the agent. */
function children(pid: number): number[] {
  return readdirSync('/proc').map(Number).filter((candidate) => {
    const file = `/proc/${candidate}/stat`;
    return Number.isInteger(candidate) && existsSync(file) && parentOf(file) === pid;
  });
}

function parentOf(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8').replace(/^.*\) /, '').split(' ')[1]);
  } catch {
    return undefined; // it ended
  }
}

const ended = (pid: number): boolean => parentOf(`/proc/${pid}/stat`) === undefined || /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));

/** `end`: the error that the prediction ends with. */
async function startEndlessPrediction(): Promise<{ readonly end: Promise<unknown> }> {
  const end = agent.calls.predict('endless', [ENDLESS]).catch((error: unknown) => error);
  await agent.calls.listModels(); // the request before it has arrived
  return { end };
}

describe('a prediction that does not end', () => {
  it('gets DEADLINE_EXCEEDED past its limit, and its model serves again', async () => {
    await start({ sagemaker_edge_prediction_timeout_seconds: 1 });
    const reason = 'the prediction took longer than 1 s (sagemaker_edge_prediction_timeout_seconds); the model is started again';
    await expect(agent.calls.predict('endless', [ENDLESS])).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED, details: reason });
    await waitFor('the model', () => agent.calls.predict('endless', [SHORT]).then(
      ({ tensors }) => bytes(tensors[0]).equals(bytes(SHORT)),
      (error: unknown) => {
        expect(error).toMatchObject(refusal(status.UNAVAILABLE, 'is started again'));
        return false;
      },
    ));
  });

  it('holds up neither other models nor the control calls', async () => {
    await start();
    const { end } = await startEndlessPrediction();
    expect(bytes((await agent.calls.predict('other', [OTHER])).tensors[0])).toEqual(bytes(OTHER));
    expect((await agent.calls.listModels()).models).toHaveLength(2);
    agent.signal('SIGKILL');
    await end;
  });

  it('leaves no process behind when the model is unloaded', async () => {
    await start({ sagemaker_edge_prediction_timeout_seconds: 2 });
    const before = children(agent.pid);
    expect(before).toHaveLength(2);
    const { end } = await startEndlessPrediction();
    await agent.calls.unLoadModel('endless');
    expect(await end).toMatchObject({ code: status.DEADLINE_EXCEEDED });
    await waitFor('the process to end', () => children(agent.pid).length === 1);
  });

  it('does not keep the agent from stopping in order, within its 25 s', async () => {
    await start();
    const processes = children(agent.pid);
    const { end } = await startEndlessPrediction();
    const began = Date.now();
    expect(await agent.stop()).toBe(0);
    expect(Date.now() - began).toBeLessThan(25_000);
    expect(await end).toMatchObject({ code: expect.any(Number) as number });
    await waitFor('the processes to end', () => processes.every(ended));
  });

  it('does not keep a second signal from ending the agent at once', async () => {
    await start();
    const processes = children(agent.pid);
    const { end } = await startEndlessPrediction();
    agent.signal('SIGTERM');
    await agent.waitForLog('agent stops');
    agent.signal('SIGTERM');
    expect(await agent.ended).toBe(1);
    await end;
    await waitFor('the processes to end', () => processes.every(ended));
  });

  it('ends when the agent is killed', async () => {
    await start();
    const processes = children(agent.pid);
    const { end } = await startEndlessPrediction();
    await agent.stop('SIGKILL');
    await end;
    await waitFor('the processes to end', () => processes.every(ended));
  });
});

it('the process of a model has none of the credentials of the agent', async () => {
  folder = scratchFolder();
  agent = await AgentProcess.start({ folder, environment: { AWS_SECRET_ACCESS_KEY: 'not-for-models', EDGE_TEST: 'seen' } });
  await agent.calls.loadModel('m', writePackage(join(folder, 'm'), identityModel('float32', [2])));
  const [pid = 0] = children(agent.pid);
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8');
  expect(environment).toContain('EDGE_TEST=seen');
  expect(environment).not.toContain('not-for-models');
});
