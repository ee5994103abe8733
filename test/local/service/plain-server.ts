import { once } from 'node:events';
import * as http from 'node:http';
import type { AddressInfo } from 'node:net';

/** What plays the emulator: a server that takes every Host, as it gets requests that were made for others. */
export interface PlainServer { readonly host: string; readonly port: number; close(): Promise<void> }

export async function plainServer(serve: http.RequestListener): Promise<PlainServer> {
  const server = http.createServer(serve).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    host: '127.0.0.1',
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
