import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compressionAlgorithms, credentials, Metadata, status } from '@grpc/grpc-js';
import { ALLOCATOR } from '../../agent/bootstrap/allocator';
import { AgentCalls } from '../../agent/client/calls';
import { AgentClient, DataType } from '../../agent/generated/agent';
import { AgentProcess, scratchFolder, waitFor } from './support/agent-process';
import { identityModel, writePackage } from './support/models';
import { refusal } from './support/refusal';
import { bytes, floats, tensor } from './support/tensors';

jest.setTimeout(180_000); // gigabytes on their way, on a busy machine

const MEGABYTE = 2 ** 20;
let agent: AgentProcess;
beforeAll(async () => {
  const folder = scratchFolder();
  agent = await AgentProcess.start({ folder, config: { sagemaker_edge_log_verbose: false }, environment: ALLOCATOR });
  await agent.calls.loadModel('m', writePackage(join(folder, 'm'), identityModel('float32', [2])));
});
afterAll(() => agent.stop('SIGKILL'));

function residentBytes(): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${agent.pid}/status`, 'utf8'))?.[1]) * 1024;
}

function codeOfRefusal(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** Sends requests of so many bytes at once, each on a connection of its own; gives their codes and the most memory meanwhile. */
async function burst(count: number, size: number): Promise<{ codes: unknown[]; most: number }> {
  const wrong = tensor('x', DataType.FLOAT32, [2], Buffer.alloc(size)); // refused in the end, as it does not fit the model
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, residentBytes());
  }, 20);
  const ends = await Promise.all(Array.from({ length: count }, async () => {
    const calls = new AgentCalls(agent.socketPath, 120_000);
    try {
      await calls.predict('m', [wrong]);
      return undefined;
    } catch (error) {
      return codeOfRefusal(error);
    } finally {
      calls.close();
    }
  }));
  clearInterval(watch);
  return { codes: ends, most };
}

it('requests beyond the budget get RESOURCE_EXHAUSTED, memory stays bounded and is given back', async () => {
  const before = residentBytes();
  const { codes, most } = await burst(16, 60 * MEGABYTE);
  expect(new Set(codes)).toEqual(new Set([status.RESOURCE_EXHAUSTED, status.INVALID_ARGUMENT]));
  expect(most - before).toBeLessThan(600 * MEGABYTE); // 128 MiB, which are copied on their way; 960 MiB were sent
  await waitFor('the memory to be given back', () => residentBytes() - before < 100 * MEGABYTE, 30_000);
});

it('the agent serves as before after a burst', async () => {
  const input = floats('x', [2], [1, 2]);
  expect(bytes((await agent.calls.predict('m', [input])).tensors[0])).toEqual(bytes(input));
});

it('compressed requests count with what they may unpack to', async () => {
  const client = new AgentClient(`unix:${agent.socketPath}`, credentials.createInsecure(), { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip });
  const wrong = tensor('x', DataType.FLOAT32, [2], Buffer.alloc(60 * MEGABYTE)); // some kilobytes on the wire
  const codes = await Promise.all(Array.from({ length: 12 }, () => new Promise<status | undefined>((resolve) => {
    client.predict({ name: 'm', tensors: [wrong] }, new Metadata(), { deadline: Date.now() + 120_000 }, (error) => {
      resolve(error?.code);
    });
  })));
  client.close();
  expect(new Set(codes)).toEqual(new Set([status.RESOURCE_EXHAUSTED, status.INVALID_ARGUMENT]));
});

it('a budget of one megabyte takes small requests, and says its key to larger ones', async () => {
  const folder = scratchFolder();
  const small = await AgentProcess.start({ folder, config: { sagemaker_edge_request_budget_bytes: MEGABYTE } });
  await small.calls.loadModel('m', writePackage(join(folder, 'm'), identityModel('float32', [2])));
  const wrong = tensor('x', DataType.FLOAT32, [2], Buffer.alloc(2 * MEGABYTE));
  for (let round = 0; round < 3; round += 1) {
    await expect(small.calls.predict('m', [wrong])).rejects.toMatchObject(refusal(status.RESOURCE_EXHAUSTED, 'sagemaker_edge_request_budget_bytes'));
    expect((await small.calls.predict('m', [floats('x', [2], [1, 2])])).tensors).toHaveLength(1);
  }
  await small.stop('SIGKILL');
});
