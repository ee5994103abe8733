import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { answer, limit } from '../../../lambda/shared/function';

interface Received {
  readonly request: IncomingMessage;
  readonly body: string;
}

/** An address that answers with these statuses, one after the other. */
async function withAddress(statuses: readonly number[], work: (url: string) => Promise<void>): Promise<Received[]> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      received.push({ request, body });
      response.statusCode = statuses[received.length - 1] ?? 200;
      response.end();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  try {
    await work(`http://127.0.0.1:${port}/answer?signature=secret`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return received;
}

let lines: string[];
beforeEach(() => {
  lines = [];
  jest.spyOn(console, 'log').mockImplementation((line: string) => {
    lines.push(line);
  });
});
afterEach(() => {
  jest.restoreAllMocks();
});

test('an answer is put where CloudFormation waits for it, without a content type: the address is signed without one', async () => {
  const [received] = await withAddress([200], (url) => answer(url, '{"a":"ä"}'));
  expect(received).toMatchObject({ body: '{"a":"ä"}', request: { method: 'PUT', url: '/answer?signature=secret' } });
  expect(received?.request.headers).not.toHaveProperty('content-type');
  expect(received?.request.headers['content-length']).toBe('10');
});

test('an answer that is not taken is sent again', async () => {
  expect(await withAddress([503, 200], (url) => answer(url, '{}'))).toHaveLength(2);
});

test('the log of an answer that is not taken does not hold its address', async () => {
  await withAddress([503, 200], (url) => answer(url, '{}'));
  expect(lines.join('\n')).toContain('HTTP 503');
  expect(lines.join('\n')).not.toContain('secret');
});

test('fails when nobody takes the answer, after five tries, and does not say the address', async () => {
  const rejected = expect(answer('http://127.0.0.1:1/answer?signature=secret', '{}')).rejects;
  await rejected.toThrow(/^CloudFormation did not take the answer: (?!.*secret)/);
  expect(lines).toHaveLength(5);
}, 60_000);

test('work that ends in its time gives its result', async () => {
  expect(await limit(() => Promise.resolve(3), 60_000, 'late')).toBe(3);
});

test('work that fails gives its own error', async () => {
  await expect(limit(() => Promise.reject(new Error('broken')), 60_000, 'late')).rejects.toThrow('broken');
});

test('fails when work takes longer, with the message, and aborts what is still running', async () => {
  const signals: AbortSignal[] = [];
  await expect(limit((signal) => {
    signals.push(signal);
    return new Promise(() => undefined);
  }, 20, 'late')).rejects.toThrow('late');
  expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
});

test('what is aborted has the message as its error, though the call fails of being aborted', async () => {
  const work = (signal: AbortSignal): Promise<never> => new Promise((_, reject) => {
    signal.addEventListener('abort', () => {
      reject(new Error('AbortError'));
    });
  });
  await expect(limit(work, 20, 'late')).rejects.toThrow('late');
});
