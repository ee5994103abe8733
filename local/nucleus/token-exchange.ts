import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import * as http from 'node:http';

/** Temporary credentials of the devices' role. */
export interface DeviceCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
  readonly expiration: Date;
}

/** A running token exchange service: credentials for components, by the environment that every AWS SDK reads. */
export interface TokenExchange {
  readonly environment: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts what `aws.greengrass.TokenExchangeService` is on a device: a loopback server with a token. */
export async function startTokenExchange(credentials: () => Promise<DeviceCredentials>): Promise<TokenExchange> {
  const token = randomBytes(16).toString('hex');
  const server = http.createServer((request, response) => {
    if (request.headers.authorization !== token) { response.writeHead(403).end(); return; }
    credentials().then(
      ({ accessKeyId, secretAccessKey, sessionToken, expiration }) => {
        response.writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken, Expiration: expiration.toISOString() }));
      },
      (error: unknown) => { response.writeHead(500).end(error instanceof Error ? error.message : String(error)); },
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  return {
    environment: { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://localhost:${port}/2016-11-01/credentialprovider/`, AWS_CONTAINER_AUTHORIZATION_TOKEN: token },
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
