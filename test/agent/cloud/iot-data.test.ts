import { createServer, type Server, type ServerResponse } from 'node:http';
import { IotData, NotTaken } from '../../../agent/cloud/iot-data';

// agent/cloud/sdk.js is what the bundle makes of it.
jest.mock('../../../agent/cloud/sdk.js', () => jest.requireActual<object>('../../../agent/cloud/sdk.ts'), { virtual: true });

let server: Server;
let answer: (response: ServerResponse) => void;
let paths: string[];
beforeEach(async () => {
  paths = [];
  server = createServer((request, response) => {
    paths.push(decodeURIComponent(request.url ?? ''));
    request.resume().on('end', () => {
      answer(response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

function iot(credentials: () => Promise<never> | Promise<Credentials> = () => Promise.resolve(KEYS)): IotData {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return new IotData({ region: 'us-east-1', credentials, environment: { AWS_ENDPOINT_URL_IOT_DATA_PLANE: `http://127.0.0.1:${port}` } });
}

interface Credentials { accessKeyId: string; secretAccessKey: string; sessionToken: string; expiration: Date }
const KEYS: Credentials = { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: 'c', expiration: new Date(Date.now() + 3_600_000) };

async function failure(work: Promise<void>): Promise<unknown> {
  return work.then(() => undefined, (error: unknown) => error);
}

it('a message is published to its topic, and the broker is to say that it has it', async () => {
  answer = (response) => response.writeHead(200).end('{}');
  await iot().publish('$aws/rules/r/health/thing', '{}');
  expect(paths).toEqual(['/topics/$aws/rules/r/health/thing?qos=1']);
});

it.each([400, 403, 404, 429, 503])('an answer of %s says that the message was not taken', async (status) => {
  answer = (response) => response.writeHead(status, { 'content-type': 'application/json' }).end('{"message":"no"}');
  expect(await failure(iot().publish('t', '{}'))).toBeInstanceOf(NotTaken);
});

it.each<[string, (response: ServerResponse) => void]>([
  ['an answer of 500', (response) => response.writeHead(500).end()],
  ['a connection that ends', (response) => response.destroy()],
])('%s says nothing of the message', async (_, fault) => {
  answer = fault;
  const error = await failure(iot().publish('t', '{}'));
  expect(error).toBeInstanceOf(Error);
  expect(error).not.toBeInstanceOf(NotTaken);
});

it('a message is not taken where nobody listens', async () => {
  const offline = iot();
  await new Promise((resolve) => {
    server.close(resolve);
  });
  const error = await failure(offline.publish('t', '{}'));
  expect(error).toBeInstanceOf(NotTaken);
});

it('a message is not taken where the device has no credentials', async () => {
  const error = await failure(iot(() => Promise.reject(new Error('certificate revoked'))).publish('t', '{}'));
  expect(error).toBeInstanceOf(NotTaken);
  expect(String(error)).toContain('certificate revoked');
  expect(paths).toEqual([]);
});
