import { EventEmitter } from 'node:events';
import { chmod } from 'node:fs/promises';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { isRecord } from '../config/reader';
import { AgentService, type AgentServer } from '../generated/agent';
import { prepareSocket } from './socket';
import { encodePredictResponse } from './wire';
import type { ServerHttp2Session } from 'node:http2';
import type { RequestBudget } from './request-budget';

/** The largest request. */
export const MAX_MESSAGE_BYTES = 64 * 2 ** 20;
const SOCKET_MODE = 0o660;
const STOP_LIMIT_MS = 5000;

/**
 * What a client may send before it waits for an acknowledgement. HTTP/2's own 64 kB make 2 MB wait longer. It must fit
 * in the socket's buffer (208 kB on Linux): Node's HTTP/2 reads nothing while a write waits, so that a Node client and
 * this server, each with more on its way than the socket takes, would wait for each other for ever.
 */
const WINDOW_BYTES = 128 * 1024;

export interface AgentSocketOptions {
  readonly path: string;
  readonly implementation: AgentServer;
  readonly budget: RequestBudget;
}

/** The gRPC server on its socket. */
export class AgentSocketServer {
  public static async start({ path, implementation, budget }: AgentSocketOptions): Promise<AgentSocketServer> {
    await prepareSocket(path);
    const server = new Server({
      'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
      'grpc.max_send_message_length': -1,
      interceptors: [budget.interceptor],
    });
    widenStreams(server);
    server.addService({ ...AgentService, predict: { ...AgentService.predict, responseSerialize: encodePredictResponse } }, implementation);
    const mask = process.umask(0o777 & ~SOCKET_MODE); // else the socket is open to more for a moment
    try {
      await new Promise<void>((resolve, reject) => {
        server.bindAsync(`unix:${path}`, ServerCredentials.createInsecure(), (error) => {
          if (error === null) {
            resolve();
          } else {
            reject(error);
          }
        });
      });
    } finally {
      process.umask(mask);
    }
    widenConnections(server);
    await chmod(path, SOCKET_MODE);
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

// @grpc/grpc-js 1.14 has an option for a client's window and none for a server's: its own fields are set instead.
// Where a later version lacks them, large requests are slower and nothing else. A test sees it.

function widenStreams(server: Server): void {
  const options: unknown = Reflect.get(server, 'commonServerOptions');
  if (isRecord(options)) {
    options.settings = { ...(isRecord(options.settings) ? options.settings : {}), initialWindowSize: WINDOW_BYTES };
  }
}

function widenConnections(server: Server): void {
  const listeners: unknown = Reflect.get(server, 'http2Servers');
  if (!(listeners instanceof Map)) {
    return;
  }
  for (const listener of listeners.keys()) {
    if (listener instanceof EventEmitter) {
      listener.on('session', (session: ServerHttp2Session) => {
        session.setLocalWindowSize(WINDOW_BYTES);
      });
    }
  }
}
