import * as fs from 'node:fs';
import * as net from 'node:net';
import * as os from 'node:os';
import * as path from 'node:path';
import { EventStreamCodec, type Message, type MessageHeaders } from '@smithy/core/event-streams';
import { NucleusFixture } from './nucleus-fixture';

interface Answer { readonly headers: Readonly<Record<string, unknown>>; readonly payload: string }

const codec = new EventStreamCodec((bytes) => Buffer.from(bytes).toString(), (text) => Buffer.from(text));

function message(values: Readonly<Record<string, string | number>>, payload: string): Uint8Array {
  const headers: MessageHeaders = {};
  for (const [name, value] of Object.entries(values)) {
    headers[name] = typeof value === 'number' ? { type: 'integer', value } : { type: 'string', value };
  }
  return codec.encode({ headers, body: Buffer.from(payload) });
}

const connect = (authToken: unknown, version = '0.1.0'): Uint8Array => message({
  ':message-type': 4, ':message-flags': 0, ':stream-id': 0, ':version': version, ':content-type': 'application/json',
}, JSON.stringify({ authToken }));
const call = (payload: string, headers: Readonly<Record<string, string | number>> = {}): Uint8Array => message({
  ':message-type': 0, ':message-flags': 0, ':stream-id': 1, 'operation': 'aws.greengrass#UpdateState', ...headers,
}, payload);

/** Sends one message after the other, each after the answer to the one before. */
async function talk(socketPath: string, ...messages: readonly Uint8Array[]): Promise<Answer[]> {
  const socket = net.connect(socketPath);
  const answers: Answer[] = [];
  const pending = [...messages];
  const next = (): void => {
    const bytes = pending.shift();
    if (bytes === undefined) {
      socket.end();
    } else {
      socket.write(bytes);
    }
  };
  let received = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    received = Buffer.concat([received, chunk]);
    while (received.length >= 4 && received.length >= received.readUInt32BE(0)) {
      answers.push(answerOf(codec.decode(received.subarray(0, received.readUInt32BE(0)))));
      received = received.subarray(received.readUInt32BE(0));
      next();
    }
  });
  next();
  await new Promise((resolve, reject) => {
    socket.once('close', resolve);
    socket.once('error', reject);
  });
  return answers;
}

function answerOf({ headers, body }: Message): Answer {
  const values = Object.entries(headers).map(([name, { value }]): [string, unknown] => [name, value]);
  return { headers: Object.fromEntries(values), payload: Buffer.from(body).toString() };
}

/** The answers are those of nucleus classic 2.18.2 to the same messages. */
describe('Greengrass IPC of the local nucleus', () => {
  let fixture: NucleusFixture;
  let token: string;
  let socket: string;
  beforeAll(async () => {
    fixture = new NucleusFixture();
    fixture.add('app', '1.0.0', {
      lifecycle: { startup: 'echo "$SVCUID" > "$OUT/token"; echo "$AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT" > "$OUT/socket"' },
    });
    fixture.add('other', '1.0.0', { lifecycle: { startup: 'echo "$SVCUID" > "$OUT/other"' } });
    await fixture.deploy({ app: '1.0.0', other: '1.0.0' });
    token = fixture.read('token').trim();
    socket = fixture.read('socket').trim();
  });
  afterAll(async () => {
    await fixture.close();
  });

  const ACCEPTED = { headers: { ':message-type': 5, ':message-flags': 1, ':stream-id': 0 }, payload: '' };
  const REFUSED = { headers: { ':message-type': 5, ':message-flags': 0, ':stream-id': 0 }, payload: '' };
  const protocolError = (payload: string): Answer => ({
    headers: { ':message-type': 6, ':message-flags': 0, ':stream-id': 0, ':content-type': 'application/json' }, payload,
  });
  const NO_CONNECT = protocolError('{ "message": "A CONNECT message must be received, and the CONNECT_ACK must be sent in response, before any other message-types can be sent on this connection. In addition, only one CONNECT message is allowed on a connection." }');

  test('listens below the root folder, open to all users, and gives each component a token of its own', () => {
    expect(socket).toBe(path.join(fixture.folder, 'root', 'ipc.socket'));
    expect((fs.statSync(socket).mode & 0o777).toString(8)).toBe('666');
    expect(token).toMatch(/^[0-9A-Z]{16}$/);
    expect(fixture.read('other').trim()).not.toBe(token);
  });

  test('accepts the token of a component, and takes its state', async () => {
    expect(await talk(socket, connect(token), call('{"state":"RUNNING"}'))).toEqual([ACCEPTED, {
      headers: {
        ':message-type': 0, ':message-flags': 2, ':stream-id': 1,
        ':content-type': 'application/json', 'service-model-type': 'aws.greengrass#UpdateStateResponse',
      },
      payload: '{}',
    }]);
  });

  test.each([
    ['an unknown token', connect('NOSUCHTOKEN12345')],
    ['an empty token', connect('')],
    ['no token', connect(undefined)],
    ['another version of the protocol', connect('the token', '9.9.9')],
  ])('refuses %s, and closes the connection', async (_, bytes) => {
    expect(await talk(socket, bytes)).toEqual([REFUSED]);
  });

  test('refuses the right token in another version of the protocol', async () => {
    expect(await talk(socket, connect(token, '9.9.9'))).toEqual([REFUSED]);
  });

  test('closes the connection of what is no message, without an answer', async () => {
    expect(await talk(socket, Buffer.from('Hello worldHello worldHello world'))).toEqual([]);
  });

  test('wants one connect message, first', async () => {
    expect(await talk(socket, call('{"state":"RUNNING"}'))).toEqual([NO_CONNECT]);
    expect(await talk(socket, connect(token), connect(token))).toEqual([ACCEPTED, NO_CONNECT]);
  });

  test.each<[string, Readonly<Record<string, string | number>>, string]>([
    ['stream 0', { ':stream-id': 0 }, '{ "message": "an invalid value for message-type field was received." }'],
    [
      'a stream that is not the next', { ':stream-id': 5 },
      '{ "message": "stream-id values must be monotonically incrementing. A new stream-id arrived that was incremented by more than 1." }',
    ],
  ])('closes the connection for %s', async (_, headers, payload) => {
    expect(await talk(socket, connect(token), call('{"state":"RUNNING"}', headers))).toEqual([ACCEPTED, protocolError(payload)]);
  });

  test('closes the connection for a stream that has ended, and for a call without an operation', async () => {
    expect((await talk(socket, connect(token), call('{"state":"RUNNING"}'), call('{"state":"RUNNING"}')))[2]).toEqual(
      protocolError('{ "message": "stream-id values must be monotonically incrementing. A stream-id arrived that was lower than the last seen stream-id." }'),
    );
    expect(await talk(socket, connect(token), message({ ':message-type': 0, ':message-flags': 0, ':stream-id': 1 }, '{}'))).toEqual([
      ACCEPTED, protocolError('{ "message": "The first message for on a non-zero :stream-id must contain an operation header value."; }'),
    ]);
  });

  test.each([
    ['another operation', call('{}', { operation: 'aws.greengrass#NoSuch' }), '{ "error": "Unsupported Operation", "message": "aws.greengrass#NoSuch is an unsupported operation." }'],
    ['what is no JSON', call('hello'), 'InternalServerError'],
    ['a state that components do not report', call('{"state":"STARTING"}'), '"_errorCode":"ServiceError"'],
    ['no state', call('{}'), '"_errorCode":"ServiceError"'],
  ])('answers an error to %s, and goes on', async (_, bytes, text) => {
    const [, error, then] = await talk(socket, connect(token), bytes, call('{"state":"RUNNING"}', { ':stream-id': 2 }));
    expect(error).toMatchObject({ headers: { ':message-type': 1, ':message-flags': 2, ':stream-id': 1 }, payload: expect.stringContaining(text) as string });
    expect(then).toMatchObject({ headers: { ':message-type': 0, ':stream-id': 2 }, payload: '{}' });
  });
});

test('a root folder whose path is too long for a socket: components get a path from their work folder', async () => {
  const deep = fs.mkdtempSync(path.join(os.tmpdir(), 'd'.repeat(100)));
  const fixture = new NucleusFixture({ parent: deep });
  try {
    fixture.add('app', '1.0.0', { lifecycle: { startup: 'test -S "$AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT" && echo "$AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT" > "$OUT/socket"' } });
    expect(await fixture.deploy({ app: '1.0.0' })).toEqual({ status: 'SUCCESSFUL' });
    expect(fixture.read('socket').trim()).toBe('../../ipc.socket');
  } finally {
    await fixture.close();
    fs.rmSync(deep, { recursive: true });
  }
});
