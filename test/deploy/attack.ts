import { once } from 'node:events';
import * as fs from 'node:fs';
import * as http from 'node:http';
import * as path from 'node:path';

const SCRIPT = fs.readFileSync(path.join(__dirname, 'browser', 'attack.js'), 'utf8');

/** Serves a page of somebody else, on a port of its own, that asks these addresses for all it can. */
export async function startAttack(addresses: readonly string[]): Promise<{ url: string; close: () => Promise<void> }> {
  const page = `<!DOCTYPE html><title>elsewhere</title><link rel="icon" href="data:,"><body>
<script type="application/json" id="addresses">${JSON.stringify(addresses)}</script><script>${SCRIPT}</script></body>`;
  const server = http.createServer((_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end(page));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    url: `http://localhost:${typeof address === 'object' && address ? address.port : 0}/`,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
