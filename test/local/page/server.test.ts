import * as http from 'node:http';
import { startPage } from '../../../local/page/server';
import { CONTENT } from './content';
import type { RunningServer } from '../../../local/service/http-server';

let server: RunningServer;
let failing = false;
beforeAll(async () => {
  server = await startPage('token-of-the-test', async () => {
    if (failing) {
      throw new Error('the emulator is gone');
    }
    return Promise.resolve(CONTENT);
  });
});
afterAll(async () => server.close());

async function ask(path: string, headers: http.OutgoingHttpHeaders = {}, method = 'GET'): Promise<{ status: number; text: string; headers: http.IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    http.request(new URL(path, server.url), { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).once('end', () => {
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString(), headers: response.headers });
      });
    }).once('error', reject).end();
  });
}

it('the page is at the address with the token, kept by nobody and framed by nobody', async () => {
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/token-of-the-test\/$/);
  const { status, text, headers } = await ask(server.url);
  expect(status).toBe(200);
  expect(text).toContain('camera-1');
  expect(headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer', 'content-security-policy': expect.stringContaining('frame-ancestors \'none\'') as unknown });
});

it('a browser that asks for it again by itself gets it', async () => {
  expect(await ask(server.url, { 'sec-fetch-site': 'same-origin' })).toMatchObject({ status: 200 });
});

it.each(['/', '/token-of-the-tesT/', '/token-of-the-test', '/token-of-the-test/x'])('%s is not found', async (path) => {
  const { status, text } = await ask(path);
  expect(status).toBe(404);
  expect(text).not.toContain('camera-1');
});

it.each([
  ['an Origin', { origin: 'https://evil.example' }], ['its own Origin', { origin: 'http://127.0.0.1' }],
  ['another site', { 'sec-fetch-site': 'cross-site' }], ['another port', { 'sec-fetch-site': 'same-site' }], ['another Host', { host: 'evil.example' }],
])('a request with %s is refused', async (_, headers) => {
  const { status, text } = await ask(server.url, headers);
  expect(status).toBe(403);
  expect(text).not.toContain('camera-1');
});

it('nothing can be changed by it', async () => {
  expect(await ask(server.url, {}, 'POST')).toMatchObject({ status: 405 });
});

it('fails when the cloud cannot be read, with the reason', async () => {
  failing = true;
  expect(await ask(server.url)).toMatchObject({ status: 500, text: 'the local cloud could not be read: the emulator is gone\n' });
  failing = false;
});
