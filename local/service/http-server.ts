import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import type { Socket } from 'node:net';
import { isOwnUser } from './peer';

const HOSTS = ['127.0.0.1', 'localhost'];
/** Longer than any client of ours keeps a connection, so that none is closed under a request. */
const KEEP_ALIVE_MS = 75_000;

export interface RunningServer {
  readonly port: number;
  /** By address: `http://127.0.0.1:<port>`, or https with TLS. */
  readonly url: string;
  /** Ends its connections too; may be called more than once. */
  close(): Promise<void>;
}

export interface ListenOptions {
  /** Default: one that is free. */
  readonly port?: number | undefined;
  /** Default: plain HTTP. */
  readonly tls?: https.ServerOptions;
  /** What is served is a page for a browser, which asks for it again by itself. Default: no request of a page is served. */
  readonly ownPages?: boolean;
}

/** Has a request that cannot be answered, because its client broke off, end its connection. */
export function answering(serve: (request: http.IncomingMessage, response: http.ServerResponse) => Promise<void>): http.RequestListener {
  return (request, response) => {
    serve(request, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  };
}

/**
 * Listens on 127.0.0.1. Throws if the port is not free. Every listener of the local cloud is made here, and `serve` gets
 * no request that a web page (see `refusal`) or another user of this machine (see `isOwnUser`) can have sent.
 */
export async function listen(serve: http.RequestListener, { port = 0, tls, ownPages = false }: ListenOptions = {}): Promise<RunningServer> {
  const hosts = new Set<string>();
  const own = new WeakSet<Socket>();
  const guarded: http.RequestListener = (request, response) => {
    const reason = refusal(request, hosts, ownPages) ?? strangerRefusal(request.socket, own);
    if (reason === undefined) {
      serve(request, response);
      return;
    }
    response.writeHead(403, { 'content-type': 'text/plain', 'connection': 'close' }).end(`${reason}\n`);
  };
  const server = tls ? https.createServer(tls, guarded) : http.createServer(guarded);
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.requestTimeout = 0; // on a busy machine an upload takes as long as it takes
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const taken = typeof address === 'object' && address ? address.port : port;
  for (const host of HOSTS) {
    hosts.add(`${host}:${taken}`);
  }
  return {
    port: taken, url: `${tls ? 'https' : 'http'}://127.0.0.1:${taken}`,
    close: async () => {
      const closed = server.listening ? once(server, 'close') : undefined;
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** `own`: connections that are known to be of this user; a connection does not change hands. */
function strangerRefusal(socket: Socket, own: WeakSet<Socket>): string | undefined {
  if (!own.has(socket) && !isOwnUser(socket)) {
    return 'only programs of the user who has started this local cloud are served';
  }
  own.add(socket);
  return undefined;
}

/**
 * Why a request is refused before anybody looks at it. A browser sends `Origin` or `Sec-Fetch-Site` with all that a page
 * asks for, without a preflight too; the Host of a page whose name was rebound to loopback is that name. No SDK, CLI or
 * agent sends either. A page of ours (`ownPages`) that asks for itself again is of the same origin, and its Host is checked, too.
 */
function refusal({ url = '', headers }: http.IncomingMessage, hosts: ReadonlySet<string>, ownPages: boolean): string | undefined {
  const { host, origin, upgrade } = headers;
  const site = headers['sec-fetch-site'];
  if (host === undefined || !hosts.has(host.toLowerCase())) {
    return `this is ${[...hosts].join(' or ')}, the request is for ${host ?? 'no host'}`;
  }
  if (origin !== undefined) {
    return 'requests of web pages are refused: it has an Origin';
  }
  if (site !== undefined && site !== 'none' && !(ownPages && site === 'same-origin')) { // none: a person has entered the address
    return 'requests of web pages are refused: it has a Sec-Fetch-Site';
  }
  if (upgrade !== undefined) {
    return 'only HTTP is spoken here, no other protocol by an upgrade';
  }
  return url.startsWith('/') ? undefined : 'the target of a request must be a path';
}
