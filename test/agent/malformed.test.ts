import { join } from 'node:path';
import { AgentProcess, scratchFolder } from './support/agent-process';
import { sendMalformed } from './support/malformed';
import { identityModel, writePackage } from './support/models';
import { CLASSIFIER } from '../ocr-models';
import { floats } from './support/tensors';

jest.setTimeout(60_000); // processes of their own, on a busy machine

const REQUESTS = 10_000;
let agent: AgentProcess;
afterAll(() => agent.stop('SIGKILL'));

it(`${REQUESTS} malformed requests never end the agent`, async () => {
  const folder = scratchFolder();
  agent = await AgentProcess.start({ folder, config: { sagemaker_edge_log_verbose: false } });
  await agent.calls.loadModel('open', writePackage(join(folder, 'open'), identityModel('float32', ['n', 'm'])));
  await agent.calls.loadModel('cls', writePackage(join(folder, 'cls'), CLASSIFIER));
  const codes = await sendMalformed(agent.socketPath, join(folder, 'open'), REQUESTS, 42);
  expect(agent.running).toBe(true);
  const [output] = (await agent.calls.predict('open', [floats('x', [2, 3])])).tensors;
  expect(output?.tensorMetadata?.shape).toEqual([2, 3]);
  expect(codes.get('UNAVAILABLE')).toBeUndefined();
  expect(codes.get('DEADLINE_EXCEEDED')).toBeUndefined();
  expect(codes.get('INVALID_ARGUMENT')).toBeGreaterThan(100);
  expect(agent.logs('a call failed')).toEqual([]); // an INTERNAL of the agent's own would be logged as an error
  expect(await agent.stop()).toBe(0);
}, 120_000);
