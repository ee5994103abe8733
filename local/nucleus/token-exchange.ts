import { randomBytes } from 'node:crypto';
import { errorText } from '../service/errors';
import { listen } from '../service/http-server';

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
  const running = await listen((request, response) => {
    if (request.headers.authorization !== token) {
      response.writeHead(403).end();
      return;
    }
    credentials().then(
      ({ accessKeyId, secretAccessKey, sessionToken, expiration }) => {
        response.writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({
            AccessKeyId: accessKeyId,
            SecretAccessKey: secretAccessKey,
            Token: sessionToken,
            Expiration: expiration.toISOString(),
          }));
      },
      (error: unknown) => { response.writeHead(500).end(errorText(error)); },
    );
  });
  return {
    environment: {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://localhost:${running.port}/2016-11-01/credentialprovider/`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: token,
    },
    close: () => running.close(),
  };
}
