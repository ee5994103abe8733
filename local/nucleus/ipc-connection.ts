import type { Socket } from 'node:net';
import { EventStreamCodec, type Message, type MessageHeaders } from '@smithy/core/event-streams';

/** The states that a component can report of itself. */
export type ReportedState = 'RUNNING' | 'ERRORED';

/** Of event stream RPC: `:message-type`, and the bits of `:message-flags`. */
const MESSAGE = 0;
const ERROR = 1;
const CONNECT = 4;
const CONNECT_ACK = 5;
const PROTOCOL_ERROR = 6;
const ACCEPTED = 1;
const TERMINATE_STREAM = 2;

/** Bytes before the headers of a message: both lengths and their checksum. */
const PRELUDE = 12;
const LARGEST_MESSAGE = 24 * 1024 * 1024;
const VERSION = '0.1.0';
const NO_STATE = 'Cannot invoke "software.amazon.awssdk.aws.greengrass.model.ReportedLifecycleState.toString()" because the return value of '
  + '"software.amazon.awssdk.aws.greengrass.model.UpdateStateRequest.getState()" is null';
const JSON_TYPE = { ':content-type': 'application/json' };

const codec = new EventStreamCodec((bytes) => Buffer.from(bytes).toString(), (text) => Buffer.from(text));

/** Where a message belongs to, and what it says beside its payload. */
interface Frame {
  readonly flags: number;
  /** 0: of the connection itself. */
  readonly stream: number;
}

/** What ends a connection: the text of a protocol error, or nothing where the nucleus just closes. */
class ProtocolError extends Error {}

/**
 * One connection of a component to the nucleus, with the answers that nucleus classic 2.18.2 gave to the same bytes. Of the operations
 * it knows UpdateState alone.
 */
export class IpcConnection {
  private received = Buffer.alloc(0);
  private component: string | undefined;
  private lastStream = 0;

  public constructor(
    private readonly socket: Socket,
    private readonly componentOf: (token: string) => string | undefined,
    private readonly report: (component: string, state: ReportedState) => void,
  ) {}

  public serve(): void {
    this.socket.on('error', () => undefined); // the component has gone: nothing to answer
    this.socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      try {
        this.answerAll();
      } catch (error) {
        this.end(error);
      }
    });
  }

  private answerAll(): void {
    while (this.received.length >= PRELUDE && !this.socket.writableEnded) {
      const length = this.received.readUInt32BE(0);
      if (length < PRELUDE || length > LARGEST_MESSAGE) {
        throw new ProtocolError();
      }
      if (this.received.length < length) {
        return;
      }
      const bytes = this.received.subarray(0, length);
      this.received = this.received.subarray(length);
      this.answer(codec.decode(bytes));
    }
  }

  private end(error: unknown): void {
    if (error instanceof ProtocolError && error.message !== '') {
      this.send(PROTOCOL_ERROR, { flags: 0, stream: 0 }, JSON_TYPE, error.message);
    }
    this.socket.end();
  }

  private answer({ headers, body }: Message): void {
    const payload = Buffer.from(body).toString();
    const type = headers[':message-type']?.value;
    if ((type === CONNECT) === (this.component !== undefined)) {
      throw new ProtocolError('{ "message": "A CONNECT message must be received, and the CONNECT_ACK must be sent in response, before any other '
        + 'message-types can be sent on this connection. In addition, only one CONNECT message is allowed on a connection." }');
    }
    if (type === CONNECT) {
      this.connect(headers, payload);
    } else if (this.component !== undefined) {
      this.operate(this.component, headers, payload);
    }
  }

  private connect(headers: MessageHeaders, payload: string): void {
    const token = fieldOf(payload, 'authToken');
    this.component = headers[':version']?.value === VERSION && typeof token === 'string' ? this.componentOf(token) : undefined;
    this.send(CONNECT_ACK, { flags: this.component === undefined ? 0 : ACCEPTED, stream: 0 }, {}, '');
    if (this.component === undefined) {
      this.socket.end();
    }
  }

  private operate(component: string, headers: MessageHeaders, payload: string): void {
    const stream = this.nextStream(headers);
    const operation = headers.operation?.value;
    if (typeof operation !== 'string') {
      throw new ProtocolError('{ "message": "The first message for on a non-zero :stream-id must contain an operation header value."; }');
    }
    if (operation !== 'aws.greengrass#UpdateState') {
      const text = `{ "error": "Unsupported Operation", "message": "${operation} is an unsupported operation." }`;
      this.send(ERROR, { flags: TERMINATE_STREAM, stream }, JSON_TYPE, text);
      return;
    }
    const state = fieldOf(payload, 'state');
    if (state === undefined) {
      this.send(ERROR, { flags: TERMINATE_STREAM, stream }, { ':content-type': 'text/plain' }, 'InternalServerError');
    } else if (state === 'RUNNING' || state === 'ERRORED') {
      this.report(component, state);
      this.send(MESSAGE, { flags: TERMINATE_STREAM, stream }, modelOf('UpdateStateResponse'), '{}');
    } else {
      const error = { message: NO_STATE, _service: 'aws.greengrass#GreengrassCoreIPC', _message: NO_STATE, _errorCode: 'ServiceError' };
      this.send(ERROR, { flags: TERMINATE_STREAM, stream }, modelOf('ServiceError'), JSON.stringify(error));
    }
  }

  private nextStream(headers: MessageHeaders): number {
    const stream = Number(headers[':stream-id']?.value);
    if (stream === 0 || headers[':message-type']?.value !== MESSAGE) {
      throw new ProtocolError('{ "message": "an invalid value for message-type field was received." }');
    }
    if (stream !== this.lastStream + 1) {
      throw new ProtocolError(stream <= this.lastStream
        ? '{ "message": "stream-id values must be monotonically incrementing. A stream-id arrived that was lower than the last seen stream-id." }'
        : '{ "message": "stream-id values must be monotonically incrementing. A new stream-id arrived that was incremented by more than 1." }');
    }
    this.lastStream = stream;
    return stream;
  }

  private send(type: number, { flags, stream }: Frame, texts: Readonly<Record<string, string>>, payload: string): void {
    const headers: MessageHeaders = {};
    for (const [name, value] of Object.entries(texts)) {
      headers[name] = { type: 'string', value };
    }
    for (const [name, value] of [[':message-type', type], [':message-flags', flags], [':stream-id', stream]] as const) {
      headers[name] = { type: 'integer', value };
    }
    this.socket.write(codec.encode({ headers, body: Buffer.from(payload) }));
  }
}

function modelOf(type: string): Record<string, string> {
  return { ...JSON_TYPE, 'service-model-type': `aws.greengrass#${type}` };
}

/** Undefined for what is no JSON, null for a field that is missing. */
function fieldOf(payload: string, name: string): unknown {
  try {
    const value: unknown = JSON.parse(payload === '' ? '{}' : payload);
    return (typeof value === 'object' && value !== null ? Object.entries(value) : []).find(([key]) => key === name)?.[1] ?? null;
  } catch {
    return undefined;
  }
}
