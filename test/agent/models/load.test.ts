import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { verifyPackage } from '../../../agent/models/package';
import { AgentProcess, scratchFolder } from '../support/agent-process';
import { identityModel, writePackage } from '../support/models';
import { CLASSIFIER } from '../../ocr-models';
import { refusal } from '../support/refusal';
import { bytes, floats } from '../support/tensors';

jest.setTimeout(60_000); // processes of their own, on a busy machine

const folder = scratchFolder();
const identity = writePackage(join(folder, 'identity'), identityModel('float32', [2]), { name: 'identity' });
let agent: AgentProcess;
beforeAll(async () => {
  agent = await AgentProcess.start({ folder, config: { sagemaker_edge_memory_budget_bytes: 132 * 2 ** 20 } });
}, 60_000);
afterAll(() => agent.stop());

describe('LoadModel', () => {
  it('answers with the model, and takes file:// before the path', async () => {
    const { model } = await agent.calls.loadModel('first', `file://${identity}`);
    expect(model).toMatchObject({ name: 'first', url: `file://${identity}`, inputTensorMetadatas: [{ name: 'x', shape: [2] }], outputTensorMetadatas: [{ name: 'y' }] });
  });

  it('ALREADY_EXISTS for a name that is taken, also by a load under way', async () => {
    await expect(agent.calls.loadModel('first', identity)).rejects.toMatchObject({ code: status.ALREADY_EXISTS });
    const both = await Promise.allSettled([agent.calls.loadModel('twice', identity), agent.calls.loadModel('twice', identity)]);
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    await agent.calls.unLoadModel('twice');
  });

  it('NOT_FOUND for a folder that does not exist, and for no folder', async () => {
    await expect(agent.calls.loadModel('other', join(folder, 'nowhere'))).rejects.toMatchObject({ code: status.NOT_FOUND });
    await expect(agent.calls.loadModel('other', '')).rejects.toMatchObject(refusal(status.NOT_FOUND, 'wanted the path of a folder'));
  });

  it.each(['', 'a.b', '-a', 'a/b', 'a'.repeat(256)])('INVALID_ARGUMENT for the name %j', async (name) => {
    await expect(agent.calls.loadModel(name, identity)).rejects.toMatchObject(refusal(status.INVALID_ARGUMENT, '1-0 for 1.0'));
  });

  it('FAILED_PRECONDITION for a model whose bytes are not the manifest\'s', async () => {
    const path = writePackage(join(folder, 'changed'), identityModel('float32', [2]));
    const changed = readFileSync(join(path, 'model.onnx'));
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    writeFileSync(join(path, 'model.onnx'), changed);
    await expect(agent.calls.loadModel('changed', path)).rejects.toMatchObject(refusal(status.FAILED_PRECONDITION, /SHA-256 is [0-9a-f]{64}, the manifest says [0-9a-f]{64}/));
  });

  it('FAILED_PRECONDITION for a file that is no ONNX model, with the runtime\'s words', async () => {
    const path = writePackage(join(folder, 'text'), Buffer.from('this is a text and no model'));
    await expect(agent.calls.loadModel('text', path)).rejects.toMatchObject(refusal(status.FAILED_PRECONDITION, /protobuf parsing failed/i));
  });

  it('FAILED_PRECONDITION for a tensor type that the protocol lacks', async () => {
    const path = writePackage(join(folder, 'uint64'), identityModel('uint64', [2]));
    const reason = "x is of type uint64, which the agent's protocol cannot carry: cast it to int64 in the model";
    await expect(agent.calls.loadModel('uint64', path)).rejects.toMatchObject(refusal(status.FAILED_PRECONDITION, reason));
  });

  it('RESOURCE_EXHAUSTED beyond the memory budget, and unloading makes room', async () => {
    await agent.calls.loadModel('second', identity);
    await agent.calls.loadModel('third', identity);
    await expect(agent.calls.loadModel('fourth', identity)).resolves.toBeDefined();
    await expect(agent.calls.loadModel('fifth', identity)).rejects.toMatchObject(refusal(status.RESOURCE_EXHAUSTED, 'sagemaker_edge_memory_budget_bytes'));
    await Promise.all(['second', 'third', 'fourth'].map((name) => agent.calls.unLoadModel(name)));
    await expect(agent.calls.loadModel('fifth', identity)).resolves.toBeDefined();
  });
});

describe('the other calls', () => {
  it('NOT_FOUND for a model that is not loaded', async () => {
    const refused = refusal(status.NOT_FOUND, '"none"');
    await expect(agent.calls.unLoadModel('none')).rejects.toMatchObject(refused);
    await expect(agent.calls.describeModel('none')).rejects.toMatchObject(refused);
    await expect(agent.calls.predict('none', [])).rejects.toMatchObject(refused);
  });

  it('ListModels names what is loaded', async () => {
    expect((await agent.calls.listModels()).models.map((model) => model.name)).toEqual(['first', 'fifth']);
  });
});

describe('models that are optimised for this CPU', () => {
  const cache = join(folder, 'data', 'optimised');
  const path = writePackage(join(folder, 'cls'), CLASSIFIER, { name: 'orientation' });
  const input = floats('x', [1, 3, 48, 192]);
  let digest: string;
  beforeAll(async () => {
    digest = (await verifyPackage(path, [])).contentSha256;
  });
  const entry = (): string => readdirSync(cache).filter((name) => name.startsWith(digest)).join('|');

  async function loadAndPredict(): Promise<{ fromCache: unknown; output: Buffer }> {
    const before = agent.logs('Model:cls loaded!').length;
    await agent.calls.loadModel('cls', path);
    const output = bytes((await agent.calls.predict('cls', [input])).tensors[0]);
    await agent.calls.unLoadModel('cls');
    return { fromCache: agent.logs('Model:cls loaded!')[before]?.fromCache, output };
  }

  it('are kept at the first load, give the same numbers later, and are made again where damaged', async () => {
    const first = await loadAndPredict();
    expect(first.fromCache).toBe(false);
    const name = entry();
    expect(name).toMatch(/^[0-9a-f]{64}-1\.30\.0-[0-9a-f]{16}-[0-9a-f]{64}\.onnx$/);
    expect(await loadAndPredict()).toEqual({ fromCache: true, output: first.output });
    truncateSync(join(cache, name), 1000);
    expect(await loadAndPredict()).toEqual({ fromCache: false, output: first.output });
    expect(entry().split('|')).toHaveLength(1);
  }, 30_000);

  it('are left out where the runtime cannot read them though the digest is right', async () => {
    const junk = Buffer.from('junk');
    const junkName = entry().replace(/[0-9a-f]{64}\.onnx$/, `${createHash('sha256').update(junk).digest('hex')}.onnx`);
    rmSync(join(cache, entry()));
    writeFileSync(join(cache, junkName), junk);
    expect((await loadAndPredict()).fromCache).toBe(false);
    expect(entry()).not.toContain(junkName);
  }, 30_000);
});
