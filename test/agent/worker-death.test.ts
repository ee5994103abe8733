import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { AgentHere } from './support/agent-here';
import { scratchFolder, waitFor } from './support/agent-process';
import { identityModel, writePackage } from './support/models';
import { refusal } from './support/refusal';
import { bytes, floats } from './support/tensors';

jest.setTimeout(60_000); // processes and threads of their own, on a busy machine

const INPUT = floats('x', [2], [1, 2]);
let folder: string;
let agent: AgentHere;
beforeEach(async () => {
  folder = scratchFolder();
  agent = await AgentHere.start({ folder });
  await agent.calls.loadModel('mortal', writePackage(join(folder, 'mortal'), identityModel('float32', [2])));
  await agent.calls.loadModel('other', writePackage(join(folder, 'other'), identityModel('float32', [2])));
}, 60_000);
afterEach(() => agent.stop());

describe.each([
  ['exit', /worker failed: the process ended with code 7/],
  ['throw', /worker failed: the process ended with code 1/],
] as const)('a worker that ends by %s during a prediction', (how, reason) => {
  it('fails that prediction with INTERNAL and the reason, and those that wait behind it with UNAVAILABLE', async () => {
    agent.killNextWorker(how);
    const all = await Promise.allSettled([1, 2, 3].map(() => agent.calls.predict('mortal', [INPUT])));
    expect(all[0]).toMatchObject({ status: 'rejected', reason: refusal(status.INTERNAL, reason) });
    // The others waited too, or came when it was dead already, or after it was started again.
    for (const end of all.slice(1)) {
      if (end.status === 'rejected') {
        expect(end.reason).toMatchObject({ code: status.UNAVAILABLE });
      }
    }
  });

  it('is started again, and its model serves as before', async () => {
    agent.killNextWorker(how);
    await expect(agent.calls.predict('mortal', [INPUT])).rejects.toMatchObject({ code: status.INTERNAL });
    await waitFor('the worker', () => agent.calls.predict('mortal', [INPUT]).then(({ tensors }) => bytes(tensors[0]).equals(bytes(INPUT)), (error: unknown) => {
      expect(error).toMatchObject(refusal(status.UNAVAILABLE, 'is started again')); // and nothing else, until then
      return false;
    }));
    expect(agent.messages).toContain('the worker of model mortal died and is started again');
  });
});

it('control calls and other models answer while a dead worker is replaced', async () => {
  agent.killNextWorker('exit');
  await expect(agent.calls.predict('mortal', [INPUT])).rejects.toMatchObject({ code: status.INTERNAL });
  expect((await agent.calls.listModels()).models.map(({ name }) => name)).toEqual(['mortal', 'other']);
  expect((await agent.calls.predict('other', [INPUT])).tensors).toHaveLength(1);
});

it('a model whose worker cannot be started again is gone, and says so', async () => {
  rmSync(join(folder, 'mortal', 'model.onnx'));
  agent.killNextWorker('exit');
  await expect(agent.calls.predict('mortal', [INPUT])).rejects.toMatchObject({ code: status.INTERNAL });
  await waitFor('the model to go', async () => (await agent.calls.listModels()).models.length === 1);
  await expect(agent.calls.predict('mortal', [INPUT])).rejects.toMatchObject({ code: status.NOT_FOUND });
  expect(agent.messages).toContain('model mortal could not be loaded again and is gone');
});

it('a model that is unloaded while its dead worker is replaced stays unloaded', async () => {
  agent.killNextWorker('exit');
  await expect(agent.calls.predict('mortal', [INPUT])).rejects.toMatchObject({ code: status.INTERNAL });
  await agent.calls.unLoadModel('mortal');
  await agent.calls.loadModel('mortal', join(folder, 'other'));
  expect((await agent.calls.predict('mortal', [INPUT])).tensors).toHaveLength(1);
});

it('a worker that ends while it loads fails LoadModel with INTERNAL and the reason, and the name is free again', async () => {
  agent.killNextWorker('load');
  await expect(agent.calls.loadModel('third', join(folder, 'other'))).rejects.toMatchObject(refusal(status.INTERNAL, 'ended with code 7 while it loaded the model'));
  expect((await agent.calls.listModels()).models).toHaveLength(2);
  await expect(agent.calls.loadModel('third', join(folder, 'other'))).resolves.toBeDefined();
});
