import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { EventStreamCodec, getChunkedStream, type IntegerHeaderValue, type MessageHeaders, type StringHeaderValue } from '@smithy/core/event-streams';
import { messageOf } from '../error-text';

/** The states that the agent's component reports of itself. */
export type ReportedState = 'RUNNING' | 'ERRORED';

/** How to reach the nucleus: it gives both to each script of a component. */
export interface NucleusAccess {
  readonly socketPath: string;
  /** The component's own. It must stand in no message. */
  readonly authToken: string;
  /** The longest that all of a call may take. */
  readonly timeoutMs: number;
}

/** A call of the nucleus that failed, in words for the log of the component. */
export class NucleusIpcError extends Error {
  public override readonly name = 'NucleusIpcError';
}

interface Message {
  readonly type: number;
  readonly flags: number;
  readonly payload: string;
}

/** Of event stream RPC, which Greengrass IPC is: `:message-type` and the bits of `:message-flags`. */
const MESSAGE = 0;
const CONNECT = 4;
const CONNECT_ACK = 5;
const CONNECTION_ACCEPTED = 1;
const PROTOCOL_VERSION = '0.1.0';

const codec = new EventStreamCodec((bytes) => Buffer.from(bytes).toString(), (characters) => Buffer.from(characters));

/**
 * Reports the state of the component that the token belongs to, by the operation `UpdateState` of Greengrass IPC. No component needs
 * a policy for it.
 *
 * @throws NucleusIpcError if the nucleus cannot be reached, refuses, or does not answer in time
 */
export async function updateState(state: ReportedState, { socketPath, authToken, timeoutMs }: NucleusAccess): Promise<void> {
  const socket = connect(socketPath);
  const limit = setTimeout(() => {
    socket.destroy(new NucleusIpcError(`the nucleus did not answer within ${timeoutMs} ms`));
  }, timeoutMs);
  try {
    await reach(socket, socketPath);
    const answers = getChunkedStream(socket)[Symbol.asyncIterator]();
    socket.write(encode(CONNECT, 0, { ':version': text(PROTOCOL_VERSION) }, { authToken }));
    const ack = await next(answers);
    if (ack.type !== CONNECT_ACK || (ack.flags & CONNECTION_ACCEPTED) === 0) {
      throw new NucleusIpcError('the nucleus refused the token of the component');
    }
    socket.write(encode(MESSAGE, 1, {
      'operation': text('aws.greengrass#UpdateState'), 'service-model-type': text('aws.greengrass#UpdateStateRequest'),
    }, { state }));
    const { type, payload } = await next(answers);
    if (type !== MESSAGE) {
      throw new NucleusIpcError(`the nucleus refused the state ${state}: ${payload}`);
    }
  } finally {
    clearTimeout(limit);
    socket.destroy();
  }
}

async function reach(socket: Socket, socketPath: string): Promise<void> {
  try {
    await once(socket, 'connect');
  } catch (error) {
    throw error instanceof NucleusIpcError ? error : new NucleusIpcError(`the nucleus cannot be reached at ${socketPath}: ${messageOf(error)}`);
  }
}

async function next(answers: AsyncIterator<Uint8Array>): Promise<Message> {
  let answer: IteratorResult<Uint8Array, unknown>;
  try {
    answer = await answers.next();
  } catch (error) {
    throw error instanceof NucleusIpcError ? error : new NucleusIpcError(`the connection to the nucleus failed: ${messageOf(error)}`);
  }
  if (answer.done === true) {
    throw new NucleusIpcError('the nucleus closed the connection before it answered');
  }
  return decode(answer.value);
}

function encode(type: number, stream: number, headers: MessageHeaders, payload: object): Uint8Array {
  return codec.encode({
    headers: {
      ':message-type': integer(type), ':message-flags': integer(0), ':stream-id': integer(stream),
      ':content-type': text('application/json'), ...headers,
    },
    body: Buffer.from(JSON.stringify(payload)),
  });
}

function integer(value: number): IntegerHeaderValue {
  return { type: 'integer', value };
}

function text(value: string): StringHeaderValue {
  return { type: 'string', value };
}

function decode(bytes: Uint8Array): Message {
  try {
    const { headers, body } = codec.decode(bytes);
    const type: unknown = headers[':message-type']?.value;
    const flags: unknown = headers[':message-flags']?.value;
    if (typeof type !== 'number' || typeof flags !== 'number') {
      throw new Error('a header is missing');
    }
    return { type, flags, payload: Buffer.from(body).toString() };
  } catch (error) {
    throw new NucleusIpcError(`the nucleus sent what is no message: ${messageOf(error)}`);
  }
}
