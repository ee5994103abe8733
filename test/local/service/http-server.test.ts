import * as http from 'node:http';
import { listen, type RunningServer } from '../../../local/service/http-server';

let server: RunningServer;
let served: number;

beforeAll(async () => {
  server = await listen((_, response) => {
    served += 1;
    response.end('served');
  });
});
beforeEach(() => {
  served = 0;
});
afterAll(async () => server.close());

/** By node:http: fetch sets Host and the headers of browsers itself. */
async function ask(headers: http.OutgoingHttpHeaders, { method = 'GET', path = '/' } = {}): Promise<{ status: number; headers: http.IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    http.request({ host: '127.0.0.1', port: server.port, method, path, headers, agent: false }, (response) => {
      response.resume().once('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers });
      });
    }).once('error', reject).end(method === 'POST' ? 'body' : undefined);
  });
}
const own = (name: string): string => `${name}:${server.port}`;

test.each(['127.0.0.1', 'localhost', 'LocalHost'])('a request for %s and its port is served', async (name) => {
  expect(await ask({ host: own(name) })).toMatchObject({ status: 200 });
  expect(served).toBe(1);
});

test.each([
  ['another name, as after DNS rebinding', () => own('evil.example')],
  ['its name without the port', () => '127.0.0.1'],
  ['another port', () => '127.0.0.1:1'],
  ['its address at the end of a name', () => own('127.0.0.1.evil.example')],
  ['its address as a user of another host', () => `127.0.0.1:${server.port}@evil.example`],
  ['another address of loopback', () => own('127.0.0.2')],
])('a request for %s is refused', async (_, host) => {
  expect(await ask({ host: host() })).toMatchObject({ status: 403 });
  expect(served).toBe(0);
});

test.each([
  ['a page of another site', { origin: 'https://evil.example' }],
  ['a page from a file, or in a sandbox', { origin: 'null' }],
  ['a page of its own origin', { origin: 'http://127.0.0.1:1' }],
  ['a page, without Origin, by an image', { 'sec-fetch-site': 'cross-site' }],
  ['a page of another port', { 'sec-fetch-site': 'same-site' }],
  ['a page of its own', { 'sec-fetch-site': 'same-origin' }],
])('what %s sends without a preflight is refused, and no header lets the page read that', async (_, headers) => {
  const answer = await ask({ 'host': own('127.0.0.1'), 'content-type': 'text/plain', ...headers }, { method: 'POST' });
  expect(answer.status).toBe(403);
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  expect(served).toBe(0);
});

test('a preflight is refused, and allows nothing', async () => {
  const answer = await ask({
    'host': own('127.0.0.1'), 'origin': 'https://evil.example', 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization',
  }, { method: 'OPTIONS' });
  expect(answer.status).toBe(403);
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
});

test('an address that a person has entered is served', async () => {
  expect(await ask({ 'host': own('127.0.0.1'), 'sec-fetch-site': 'none' })).toMatchObject({ status: 200 });
});

test('an upgrade to another protocol is refused', async () => {
  expect(await ask({ host: own('127.0.0.1'), connection: 'upgrade', upgrade: 'websocket' })).toMatchObject({ status: 403 });
  expect(served).toBe(0);
});

test('the target of a request is a path, not a URL as for a proxy', async () => {
  expect(await ask({ host: own('127.0.0.1') }, { path: 'http://169.254.169.254/' })).toMatchObject({ status: 403 });
  expect(served).toBe(0);
});

test('it listens on one address of loopback', async () => {
  await expect(fetch(`http://127.0.0.2:${server.port}`)).rejects.toThrow();
});

test('a port that is taken is an error', async () => {
  await expect(listen(() => undefined, { port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
