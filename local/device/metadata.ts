import { randomBytes } from 'node:crypto';
import type * as http from 'node:http';
import type { RoleSession } from '../service/contracts';
import { listen, type RunningServer } from '../service/http-server';

const TOKEN = '/latest/api/token';
const CREDENTIALS = '/latest/meta-data/iam/security-credentials/';
const RENEW_BEFORE_MS = 300_000;

export interface MetadataOptions {
  readonly instanceId: string;
  readonly roleName: string;
  /** A new session of the machine's role. */
  readonly assume: () => Promise<RoleSession>;
}

/** The metadata service of one machine: version 2 alone, as the construct asks for. */
export async function startMetadata({ instanceId, roleName, assume }: MetadataOptions): Promise<RunningServer> {
  const token = randomBytes(24).toString('base64url');
  let session: RoleSession | undefined;
  const credentials = async (): Promise<object> => {
    if (session === undefined || session.expiration.getTime() - Date.now() < RENEW_BEFORE_MS) {
      session = await assume();
    }
    const { accessKeyId, secretAccessKey, sessionToken } = session.credentials;
    return {
      Code: 'Success',
      Type: 'AWS-HMAC',
      AccessKeyId: accessKeyId,
      SecretAccessKey: secretAccessKey,
      Token: sessionToken,
      Expiration: session.expiration.toISOString(),
    };
  };
  const answer = async ({ method, url = '', headers }: http.IncomingMessage): Promise<{ status: number; body: string }> => {
    if (method === 'PUT' && url === TOKEN) {
      return headers['x-aws-ec2-metadata-token-ttl-seconds'] === undefined ? { status: 400, body: '' } : { status: 200, body: token };
    }
    if (headers['x-aws-ec2-metadata-token'] !== token) {
      return { status: 401, body: '' };
    }
    if (url === '/latest/meta-data/instance-id') {
      return { status: 200, body: instanceId };
    }
    if (url === CREDENTIALS || url === CREDENTIALS.slice(0, -1)) {
      return { status: 200, body: roleName };
    }
    if (url === `${CREDENTIALS}${roleName}`) {
      return { status: 200, body: JSON.stringify(await credentials()) };
    }
    return { status: 404, body: '' };
  };
  return listen((request, response) => {
    answer(request).catch((error: unknown) => ({ status: 500, body: String(error) })).then(
      ({ status, body }) => {
        response.writeHead(status, { 'content-type': 'text/plain', 'x-aws-ec2-metadata-token-ttl-seconds': '21600' }).end(body);
      },
      () => { response.destroy(); },
    );
  });
}
