import { randomBytes } from 'node:crypto';
import { errorText } from '../service/errors';
import { listen } from '../service/http-server';

export const TOKEN_EXCHANGE = 'aws.greengrass.TokenExchangeService';

/**
 * AWS's own component, as a device gets it from the cloud: the nucleus has the service built in, yet deploys it by a
 * recipe. A device that is not connected must find the recipe in the folder of its local deployment.
 */
export function tokenExchangeRecipe(version: string): string {
  return JSON.stringify({
    RecipeFormatVersion: '2020-01-25', ComponentName: TOKEN_EXCHANGE, ComponentVersion: version,
    ComponentType: 'aws.greengrass.generic', ComponentPublisher: 'AWS',
    ComponentConfiguration: { DefaultConfiguration: { port: 0 } },
    ComponentDependencies: { 'aws.greengrass.Nucleus': { VersionRequirement: '>=2.0.0 <3.0.0', DependencyType: 'SOFT' } },
    Manifests: [{ Platform: { os: '*', runtime: '*' } }],
  });
}

/** What the nucleus knows of the device's role. */
export interface NucleusRole {
  /** `iotRoleAlias` of the nucleus's configuration. Without one the service breaks, and with it the deployment. */
  readonly roleAlias: string;
  /** What components that depend on the service are given. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Steps in place of the service that is built in: it runs with a role alias, and breaks without one. */
export function tokenExchangeLifecycle({ roleAlias }: Pick<NucleusRole, 'roleAlias'>): Record<string, unknown> {
  return roleAlias === ''
    ? { startup: 'echo "iotRoleAlias parameter is either empty or not configured for TES" >&2; exit 1' }
    : { startup: 'true' };
}

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
