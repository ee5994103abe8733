import { connect as connectHttp2, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';
import { AgentProcess, scratchFolder } from './support/agent-process';

jest.setTimeout(60_000); // processes of their own, on a busy machine

let agent: AgentProcess;
let session: ClientHttp2Session;
beforeEach(async () => {
  agent = await AgentProcess.start({ folder: scratchFolder() });
  session = connectHttp2('http://localhost', { createConnection: () => connect(agent.socketPath) });
});
afterEach(async () => {
  session.destroy();
  await agent.stop();
});

/** The status of a ListModels call as another program's gRPC sends it, or the stream's error. */
function listModels(authority: string): Promise<string> {
  return new Promise((resolve) => {
    const request = session.request({
      ':method': 'POST',
      ':path': '/AWS.SageMaker.Edge.Agent/ListModels',
      ':authority': authority,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    request.on('trailers', (trailers: IncomingHttpHeaders) => {
      resolve(`grpc-status ${String(trailers['grpc-status'])}`);
    });
    request.on('error', (error: Error) => {
      resolve(error.message);
    });
    request.resume();
    request.end(Buffer.alloc(5)); // an empty message
  });
}

// Java's grpc-netty sends the socket's path by default. Node's HTTP/2 refuses it before the agent sees it, and has no option.
it('a client whose authority is a path gets PROTOCOL_ERROR, as the table of status codes says', async () => {
  expect(await listModels('/run/edge-agent/agent.sock')).toBe('Stream closed with error code NGHTTP2_PROTOCOL_ERROR');
});

it.each(['localhost', '%2Frun%2Fedge-agent%2Fagent.sock', 'agent'])('a client whose authority is %s is served', async (authority) => {
  expect(await listModels(authority)).toBe('grpc-status 0');
});
