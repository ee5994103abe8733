import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { SignatureError } from '../service/signature';

/** What git sends: a user's name made of an access key, and a password made of a signature. */
export interface GitCredentials {
  readonly accessKeyId: string;
  readonly sessionToken?: string;
  /** `20260101T000000`: of the signature, in UTC. */
  readonly date: string;
  readonly signature: string;
}

const PASSWORD = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z([0-9a-f]{64})$/;
const FRESH_MS = 15 * 60_000;

/** Of a header `Authorization`. Undefined for one that is no Basic authentication: git asks first without any. */
export function readGitCredentials(header: string | undefined): GitCredentials | undefined {
  const [, encoded] = /^Basic ([\w+/=-]+)$/.exec(header ?? '') ?? [];
  if (encoded === undefined) {
    return undefined;
  }
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.lastIndexOf(':');
  const [user, password] = [text.slice(0, Math.max(colon, 0)), text.slice(colon + 1)];
  const [, accessKeyId, sessionToken] = /^(\w{16,128})(?:%(.+))?$/.exec(user) ?? [];
  if (accessKeyId === undefined || !PASSWORD.test(password)) {
    throw new SignatureError('incomplete', 'the user of a repository must be an access key, and the password a signature');
  }
  const [date = '', signature = ''] = password.split('Z');
  return { accessKeyId, date, signature, ...sessionToken === undefined ? {} : { sessionToken } };
}

/** What was signed. */
export interface GitPlace {
  /** As git was given it, with the port. */
  readonly host: string;
  /** `/v1/repos/<name>` */
  readonly path: string;
  readonly region: string;
}

/**
 * Throws `SignatureError` unless the password was made with this secret, for this repository, lately. There is one signature for a whole
 * clone or push: of the method GIT, the path and the host, and of nothing else. git-remote-codecommit signs the host with its port, the
 * credential helper of the AWS CLI without it; on AWS there is no port.
 */
export function verifyGitCredentials(
  { date, signature }: GitCredentials, secretAccessKey: string, { host, path, region }: GitPlace, now = Date.now(),
): void {
  const isRight = [host, host.split(':')[0] ?? ''].some((signed) => (
    timingSafeEqual(expected(secretAccessKey, date, { host: signed, path, region }), Buffer.from(signature, 'hex'))
  ));
  if (!isRight) {
    throw new SignatureError('mismatch', 'the password is no signature of this repository by this access key');
  }
  const at = Date.parse(`${date}Z`.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
  if (Number.isNaN(at) || Math.abs(now - at) > FRESH_MS) {
    throw new SignatureError('expired', `the password was made at ${date}Z, and is good for 15 minutes`);
  }
}

/** As SignatureVersion 4 has it, but for the time without its `Z`, and a request that ends after the signed headers. */
function expected(secretAccessKey: string, date: string, { host, path, region }: GitPlace): Buffer {
  const day = date.slice(0, 8);
  const scope = [day, region, 'codecommit', 'aws4_request'];
  const request = `GIT\n${path}\n\nhost:${host}\n\nhost\n`;
  const key = scope.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
  return hmac(key, ['AWS4-HMAC-SHA256', date, scope.join('/'), createHash('sha256').update(request).digest('hex')].join('\n'));
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
