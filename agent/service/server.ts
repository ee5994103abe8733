import { chmod } from 'node:fs/promises';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { AgentService, type AgentServer } from '../generated/agent';
import { prepareSocket } from './socket';
import { encodePredictResponse } from './wire';

/** The largest request. */
const MAX_MESSAGE_BYTES = 64 * 2 ** 20;
const SOCKET_MODE = 0o660;
const STOP_LIMIT_MS = 5000;

/**
 * The gRPC server on its socket. Its flow-control window stays HTTP/2's own 64 kB: with a larger one, a Node client and
 * this server fill the socket's buffers in both directions, and as Node's HTTP/2 reads nothing while a write waits,
 * they then wait for each other for ever.
 */
export class AgentSocketServer {
  public static async start(path: string, implementation: AgentServer): Promise<AgentSocketServer> {
    await prepareSocket(path);
    const server = new Server({ 'grpc.max_receive_message_length': MAX_MESSAGE_BYTES, 'grpc.max_send_message_length': -1 });
    server.addService({ ...AgentService, predict: { ...AgentService.predict, responseSerialize: encodePredictResponse } }, implementation);
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
