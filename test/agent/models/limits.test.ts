import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { DataType } from '../../../agent/generated/agent';
import { createLogger } from '../../../agent/log';
import { ModelRegistry } from '../../../agent/models/registry';
import { AgentProcess, scratchFolder } from '../support/agent-process';
import { identityModel, slowModel, writePackage } from '../support/models';
import { tensor } from '../support/tensors';

function registry(folder: string): ModelRegistry {
  mkdirSync(join(folder, 'roots'));
  return new ModelRegistry({
    workerEntry: '/nowhere',
    rootCertsPath: join(folder, 'roots'),
    cacheFolder: join(folder, 'cache'),
    threads: 1,
    withFeatures: () => false,
    predictionTimeoutMs: 60_000,
    memoryBudgetBytes: 2 ** 40,
    availableMemory: () => 2 ** 20,
    logger: createLogger(() => undefined, () => false),
  });
}

it('LoadModel: RESOURCE_EXHAUSTED when the machine has too little memory left, whatever the budget says', async () => {
  const folder = scratchFolder();
  const path = writePackage(join(folder, 'package'), identityModel('float32', [2]));
  await expect(registry(folder).load('m', path)).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED, message: expect.stringMatching(/^m needs about \d+ bytes; the machine has 1048576 left$/) as unknown });
});

it('LoadModel: UNAVAILABLE while the agent stops', async () => {
  const folder = scratchFolder();
  const closed = registry(folder);
  await closed.close();
  await expect(closed.load('m', folder)).rejects.toMatchObject({ code: status.UNAVAILABLE, message: 'the agent stops' });
});

it('Predict: RESOURCE_EXHAUSTED when 256 predictions of the model wait, and served again when they are through', async () => {
  const folder = scratchFolder();
  const agent = await AgentProcess.start({ folder, config: { sagemaker_edge_log_verbose: false } });
  await agent.calls.loadModel('slow', writePackage(join(folder, 'slow'), slowModel()));
  const sides = (length: bigint): ReturnType<typeof tensor> => tensor('x', DataType.INT64, [2], BigInt64Array.of(length, length));
  const slow = agent.calls.predict('slow', [sides(2500n)]); // the others wait behind it
  const ends = await Promise.allSettled(Array.from({ length: 300 }, () => agent.calls.predict('slow', [sides(1n)])));
  const refused = ends.filter((end) => end.status === 'rejected');
  expect(refused).toHaveLength(300 - 255);
  expect(refused[0]).toMatchObject({ reason: { code: status.RESOURCE_EXHAUSTED, details: '256 predictions of this model wait already' } });
  await slow;
  await expect(agent.calls.predict('slow', [sides(1n)])).resolves.toBeDefined();
  await agent.stop();
}, 60_000);
