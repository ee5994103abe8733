import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { join } from 'node:path';
import { credentials, Metadata } from '@grpc/grpc-js';
import { AgentClient, type PredictResponse } from '../../agent/generated/agent';
import { AgentProcess, scratchFolder, waitFor } from './support/agent-process';
import { identityModel, writePackage } from './support/models';
import { bytes, floats } from './support/tensors';

const folder = scratchFolder();
let agent: AgentProcess;
beforeAll(async () => {
  agent = await AgentProcess.start({ folder });
  await agent.calls.loadModel('open', writePackage(join(folder, 'open'), identityModel('float32', ['n'])));
}, 60_000);
afterAll(() => agent.stop());

it('a client may send 128 kB, on a call and on the connection, before it waits for the agent', async () => {
  const session = connectHttp2('http://localhost', { createConnection: () => connect(agent.socketPath) });
  try {
    await waitFor('the agent\'s settings', () => session.remoteSettings.initialWindowSize === 131_072 && session.state.remoteWindowSize === 131_072, 5000);
  } finally {
    session.destroy();
  }
});

it.each([
  ['its own window', {}], ['a window of 8 MB', { 'grpc-node.flow_control_window': 8 * 2 ** 20 }],
])('large tensors pass in both directions at once, for a client with %s', async (_, options) => {
  const client = new AgentClient(`unix:${agent.socketPath}`, credentials.createInsecure(), { 'grpc.max_receive_message_length': -1, ...options });
  const input = floats('x', [510_000], Array.from({ length: 510_000 }, (__, index) => index));
  const predict = (): Promise<PredictResponse> => new Promise((resolve, reject) => {
    client.predict({ name: 'open', tensors: [input] }, new Metadata(), { deadline: Date.now() + 25_000 }, (error, response) => {
      if (error === null) {
        resolve(response);
      } else {
        reject(error);
      }
    });
  });
  await Promise.all(Array.from({ length: 8 }, async () => {
    for (let call = 0; call < 8; call += 1) {
      expect(bytes((await predict()).tensors[0]).equals(bytes(input))).toBe(true);
    }
  }));
  client.close();
}, 60_000);
