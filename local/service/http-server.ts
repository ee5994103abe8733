import { once } from 'node:events';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';

export interface RunningServer {
  readonly port: number;
  /** Over http. */
  readonly url: string;
  /** Ends its connections too; may be called more than once. */
  close(): Promise<void>;
}

/** Has a request that cannot be answered, because its client broke off, end its connection. */
export function answering(serve: (request: IncomingMessage, response: ServerResponse) => Promise<void>): RequestListener {
  return (request, response) => {
    serve(request, response).catch((error: unknown) => { response.destroy(error instanceof Error ? error : undefined); });
  };
}

/** Listens on 127.0.0.1, by default on a port that is free. Throws if it is not. */
export async function listen(server: Server, port = 0): Promise<RunningServer> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const taken = typeof address === 'object' && address ? address.port : port;
  return {
    port: taken, url: `http://127.0.0.1:${taken}`,
    close: async () => {
      const closed = server.listening ? once(server, 'close') : undefined;
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
