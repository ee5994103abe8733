import { EventEmitter } from 'node:events';
import { chmod } from 'node:fs/promises';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { isRecord } from '../config/reader';
import { AgentService, PredictResponse, type AgentServer } from '../generated/agent';
import { prepareSocket } from './socket';
import type { ServerHttp2Session } from 'node:http2';

/** The largest request. */
export const MAX_MESSAGE_BYTES = 64 * 2 ** 20;
const SOCKET_MODE = 0o660;
/** HTTP/2's own 64 kB make a 2 MB tensor wait for thirty acknowledgements. */
const WINDOW_BYTES = Number(process.env.WIN ?? 65535);
const STOP_LIMIT_MS = 5000;

/** The gRPC server on its socket. */
export class AgentSocketServer {
  public static async start(path: string, implementation: AgentServer): Promise<AgentSocketServer> {
    await prepareSocket(path);
    const server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES, 'grpc.max_send_message_length': -1 });
    server.addService({ ...AgentService, predict: { ...AgentService.predict, responseSerialize: serialize } }, implementation);
    widenStreams(server);
    const mask = process.umask(0o777 & ~SOCKET_MODE); // else the socket is open to more for a moment
    try {
      await new Promise<void>((resolve, reject) => {
        server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) => {
          if (error === null) { resolve(); } else { reject(error); }
        });
      });
    } finally {
      process.umask(mask);
    }
    await chmod(path, SOCKET_MODE);
    widenConnections(server);
    return new AgentSocketServer(server);
  }

  private constructor(private readonly server: Server) {}

  /** Takes no new call and lets the running ones end, within a limit. */
  public async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      const limit = setTimeout(() => {
        this.server.forceShutdown();
        resolve(); // tryShutdown may never call back for a client that reads nothing
      }, STOP_LIMIT_MS);
      this.server.tryShutdown(() => {
        clearTimeout(limit);
        resolve();
      });
    });
  }
}

/** Without the copy that the generated code makes. */
function serialize(response: PredictResponse): Buffer {
  const bytes = PredictResponse.encode(response).finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

// @grpc/grpc-js 1.14 has an option for the window of a client, and none for a server's: its own fields are set
// instead. Where a later version lacks them, large requests are slower and nothing else.

function widenStreams(server: Server): void {
  const options: unknown = Reflect.get(server, 'commonServerOptions');
  if (isRecord(options)) { options.settings = { ...(isRecord(options.settings) ? options.settings : {}), initialWindowSize: WINDOW_BYTES }; }
}

function widenConnections(server: Server): void {
  const servers: unknown = Reflect.get(server, 'http2Servers');
  for (const http2Server of servers instanceof Map ? servers.keys() : []) {
    if (http2Server instanceof EventEmitter) {
      http2Server.on('session', (session: ServerHttp2Session) => { session.setLocalWindowSize(WINDOW_BYTES); });
    }
  }
}
