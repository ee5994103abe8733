import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStreamCodec, type MessageHeaders } from '@smithy/core/event-streams';
import { updateState } from '../../../agent/greengrass/nucleus-ipc';
import { agentBundle } from '../support/agent-process';

const TOKEN = 'F0KQSNFCSRHXM4ZT';
const codec = new EventStreamCodec((bytes) => Buffer.from(bytes).toString(), (text) => Buffer.from(text));

function message(type: number, flags: number, stream: number, payload = ''): Uint8Array {
  const headers: MessageHeaders = {
    ':message-type': { type: 'integer', value: type }, ':message-flags': { type: 'integer', value: flags }, ':stream-id': { type: 'integer', value: stream },
  };
  return codec.encode({ headers, body: Buffer.from(payload) });
}

const ACCEPTED = message(5, 1, 0);
const REFUSED = message(5, 0, 0);
const TAKEN = message(0, 2, 1, '{}');

let folder: string;
let server: Server | undefined;
const connections = new Set<Socket>();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nucleus-ipc-'));
});
afterEach(async () => {
  connections.forEach((connection) => connection.destroy());
  connections.clear();
  await new Promise((resolve) => {
    if (server === undefined) {
      resolve(undefined);
    } else {
      server.close(resolve);
    }
  });
  server = undefined;
  rmSync(folder, { recursive: true });
});
const socketPath = (): string => join(folder, 'ipc.socket');

/** What a nucleus does with the bytes that it gets, one turn after the other. */
async function nucleus(...turns: readonly ((connection: Socket, received: Buffer) => void)[]): Promise<void> {
  const listening = createServer((connection) => {
    connections.add(connection);
    connection.on('error', () => undefined);
    const pending = [...turns];
    connection.on('data', (received: Buffer) => pending.shift()?.(connection, received));
  });
  server = listening;
  await new Promise<void>((resolve) => {
    listening.listen(socketPath(), resolve);
  });
}

const says = (bytes: Uint8Array) => (connection: Socket): void => {
  connection.write(bytes);
};
const report = async (timeoutMs = 20_000): Promise<void> => updateState('RUNNING', { socketPath: socketPath(), authToken: TOKEN, timeoutMs });

describe('the report of a state to the nucleus', () => {
  it('connects with the token of the component, and calls UpdateState', async () => {
    const sent: { headers: Record<string, unknown>; payload: unknown }[] = [];
    const keeps = (answer: Uint8Array) => (connection: Socket, received: Buffer): void => {
      const { headers, body } = codec.decode(received);
      const values = Object.entries(headers).map(([name, { value }]): [string, unknown] => [name, value]);
      sent.push({ headers: Object.fromEntries(values), payload: JSON.parse(Buffer.from(body).toString()) as unknown });
      connection.write(answer);
    };
    await nucleus(keeps(ACCEPTED), keeps(TAKEN));
    await report();
    expect(sent).toEqual([
      {
        headers: { ':message-type': 4, ':message-flags': 0, ':stream-id': 0, ':version': '0.1.0', ':content-type': 'application/json' },
        payload: { authToken: TOKEN },
      },
      {
        headers: {
          ':message-type': 0, ':message-flags': 0, ':stream-id': 1, ':content-type': 'application/json',
          'operation': 'aws.greengrass#UpdateState', 'service-model-type': 'aws.greengrass#UpdateStateRequest',
        },
        payload: { state: 'RUNNING' },
      },
    ]);
  });

  it('takes answers that arrive a byte at a time', async () => {
    const slowly = (bytes: Uint8Array) => (connection: Socket): void => {
      connection.setNoDelay(true);
      bytes.forEach((byte, index) => setTimeout(() => connection.write(Buffer.of(byte)), index));
    };
    await nucleus(slowly(ACCEPTED), slowly(TAKEN));
    await expect(report()).resolves.toBeUndefined();
  });

  it('fails when there is no socket', async () => {
    await expect(report()).rejects.toThrow(`the nucleus cannot be reached at ${socketPath()}: connect ENOENT`);
  });

  it('fails when the token is refused', async () => {
    await nucleus(says(REFUSED));
    await expect(report()).rejects.toThrow('the nucleus refused the token of the component');
  });

  it.each<[string, readonly ((connection: Socket) => void)[]]>([
    ['the connect message', [(connection) => connection.end()]],
    ['the call', [says(ACCEPTED), (connection) => connection.end()]],
  ])('fails when the connection is closed before %s is answered', async (_, turns) => {
    await nucleus(...turns);
    await expect(report()).rejects.toThrow('the nucleus closed the connection before it answered');
  });

  it('fails when the connection is closed in the middle of an answer', async () => {
    await nucleus((connection) => connection.end(ACCEPTED.subarray(0, 20)));
    await expect(report()).rejects.toThrow('the connection to the nucleus failed: Truncated event message received.');
  });

  it.each([
    ['the connect message', []],
    ['the call', [says(ACCEPTED)]],
  ])('fails when %s is not answered in time', async (_, turns) => {
    await nucleus(...turns);
    await expect(report(700)).rejects.toThrow('the nucleus did not answer within 700 ms');
  });

  it('fails when the answer is damaged', async () => {
    const damaged = Uint8Array.from(ACCEPTED);
    damaged[20] = (damaged[20] ?? 0) ^ 0xff;
    await nucleus(says(damaged));
    await expect(report()).rejects.toThrow('the nucleus sent what is no message: The message checksum');
  });

  it('fails when the nucleus does not take the state, with its words', async () => {
    await nucleus(says(ACCEPTED), says(message(1, 2, 1, '{"_errorCode":"ServiceError"}')));
    await expect(report()).rejects.toThrow('the nucleus refused the state RUNNING: {"_errorCode":"ServiceError"}');
  });
});

describe('the program that reports a state', () => {
  const run = async (args: readonly string[], environment: Readonly<Record<string, string>>): Promise<{ code: number; output: string }> => (
    new Promise((resolve) => {
      execFile(process.execPath, [join(agentBundle(), 'update-state.js'), ...args], { env: { ...environment } }, (error, stdout, stderr) => {
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, output: stdout + stderr });
      });
    })
  );
  const environment = (): Record<string, string> => ({ AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT: socketPath(), SVCUID: TOKEN });

  it('says nothing when the nucleus has taken it', async () => {
    await nucleus(says(ACCEPTED), says(TAKEN));
    expect(await run(['RUNNING'], environment())).toEqual({ code: 0, output: '' });
  });

  it('says why it failed, without the token', async () => {
    await nucleus(says(REFUSED));
    expect(await run(['RUNNING'], environment())).toEqual({ code: 1, output: 'the nucleus refused the token of the component\n' });
  });

  it.each(['AWS_GG_NUCLEUS_DOMAIN_SOCKET_FILEPATH_FOR_COMPONENT', 'SVCUID'])('fails without %s', async (name) => {
    expect(await run(['RUNNING'], { ...environment(), [name]: '' })).toEqual({
      code: 1, output: `${name} is not set, which a nucleus gives to the scripts of a component\n`,
    });
  });

  it.each([[[]], [['BROKEN']], [['RUNNING', 'ERRORED']]])('fails with its usage for the arguments %j', async (args) => {
    expect(await run(args, environment())).toEqual({ code: 1, output: 'usage: node update-state.js RUNNING|ERRORED\n' });
  });
});
