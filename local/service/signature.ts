import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import * as path from 'node:path';

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
const HEADER = new RegExp([
  String.raw`^AWS4-HMAC-SHA256 Credential=(?<id>\w{1,128})/(?<day>\d{8})/(?<region>[a-z0-9-]+)/(?<service>[a-z0-9-]+)/aws4_request`,
  String.raw`SignedHeaders=(?<signed>[\w;.-]+)`, String.raw`Signature=(?<signature>[0-9a-f]{64})$`,
].join(String.raw`, ?`));
const CREDENTIAL = /^(?<id>\w{1,128})\/(?<day>\d{8})\/(?<region>[a-z0-9-]+)\/(?<service>[a-z0-9-]+)\/aws4_request$/;
const DATE = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/;
/** In any spelling: what a service might take for a credential. */
const QUERY_NAMES = ['x-amz-algorithm', 'x-amz-credential', 'x-amz-signature', 'x-amz-security-token', 'awsaccesskeyid', 'signature'];
const FRESH_MS = 15 * 60_000;
const LONGEST_PRESIGNED_S = 7 * 24 * 3600;
const UNSIGNED = 'UNSIGNED-PAYLOAD';

/** What is wrong with a signature, whatever the service calls it. */
export type SignatureProblem = 'missing' | 'incomplete' | 'version2' | 'unknownKey' | 'mismatch' | 'expired' | 'expiredToken';

export class SignatureError extends Error {
  public override readonly name = 'SignatureError';

  public constructor(public readonly problem: SignatureProblem, message: string) {
    super(message);
  }
}

/** Who a request says that it is from. */
export interface Signature {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  readonly sessionToken: string | undefined;
  /** `20260101` of the scope. */
  readonly day: string;
  /** `20260101T000000Z` */
  readonly date: string;
  readonly signedHeaders: readonly string[];
  readonly value: string;
  /** In the query, as in a presigned URL: seconds that it is good for. */
  readonly presignedFor?: number;
}

type Query = readonly (readonly [name: string, value: string])[];

/**
 * The one signature of a request, in its header or its query. Throws `SignatureError` for a request without one, and for
 * every other form of credentials: who checks one must not leave another to whoever comes behind.
 */
export function readSignature({ url = '/', headers }: Pick<IncomingMessage, 'url' | 'headers'>): Signature {
  const query = readQuery(url);
  const inQuery = query.filter(([name]) => QUERY_NAMES.includes(name.toLowerCase())).map(([name]) => name);
  const { authorization } = headers;
  if (authorization === undefined || authorization === '') {
    if (inQuery.length === 0) {
      throw new SignatureError('missing', 'Missing Authentication Token');
    }
    refuseVersion2(query);
    return presigned(query, inQuery);
  }
  if (inQuery.length > 0) {
    throw new SignatureError('incomplete', `Only one way of signing is allowed: the Authorization header, or ${inQuery.join(', ')} in the query`);
  }
  const found = HEADER.exec(authorization)?.groups;
  const date = headers['x-amz-date'];
  if (!found || typeof date !== 'string') {
    throw new SignatureError(
      'incomplete',
      'Authorization must be AWS4-HMAC-SHA256 with an access key, a scope, signed headers and a signature, and X-Amz-Date must be given',
    );
  }
  const token = headers['x-amz-security-token'];
  return { ...scope(found, date, found.signed, found.signature), sessionToken: typeof token === 'string' ? token : undefined };
}

/** S3 in us-east-1 takes it still, and botocore's presigned URLs have it there by default. Here AWS's words of other regions. */
function refuseVersion2(query: Query): void {
  const names = query.map(([name]) => name);
  if (['AWSAccessKeyId', 'Signature', 'Expires'].every((name) => names.includes(name))) {
    throw new SignatureError(
      'version2',
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.'
      + " (The local cloud takes no Signature Version 2; with boto3: Config(signature_version='s3v4'))",
    );
  }
}

/** The service that a request was signed for; empty for one without a signature. */
export function claimedService(request: Pick<IncomingMessage, 'url' | 'headers'>): string {
  try {
    return readSignature(request).service;
  } catch (error) {
    if (error instanceof SignatureError) {
      return '';
    }
    throw error;
  }
}

/** Throws `SignatureError` unless the request was signed with this secret, lately, as it is. */
export function verifySignature(
  signature: Signature, secretAccessKey: string,
  request: Pick<IncomingMessage, 'method' | 'url' | 'headers'>, body: Buffer, now = Date.now(),
): void {
  const { date, day, region, service, value } = signature;
  const scopeText = `${day}/${region}/${service}/aws4_request`;
  const text = ['AWS4-HMAC-SHA256', date, scopeText, sha256(canonicalRequest(signature, request, body))].join('\n');
  const key = signingKey(secretAccessKey, [day, region, service, 'aws4_request']);
  if (!timingSafeEqual(hmac(key, text), Buffer.from(value, 'hex'))) {
    throw new SignatureError(
      'mismatch',
      'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method.',
    );
  }
  checkTime(signature, now);
}

/** Of a day and a service; the latest ones are kept, since a load test signs a thousand requests a second with one. */
const SIGNING_KEYS = new Map<string, string | Buffer>();
const MOST_KEYS = 100;

function signingKey(secretAccessKey: string, scopeParts: readonly string[]): string | Buffer {
  const name = [secretAccessKey, ...scopeParts].join(' ');
  const known = SIGNING_KEYS.get(name);
  if (known !== undefined) {
    return known;
  }
  if (SIGNING_KEYS.size >= MOST_KEYS) {
    SIGNING_KEYS.clear();
  }
  const key = scopeParts.reduce<string | Buffer>((secret, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
  SIGNING_KEYS.set(name, key);
  return key;
}

function presigned(query: Query, credentials: readonly string[]): Signature {
  const value = (name: string): string => {
    const values = query.filter(([other]) => other === name);
    return values.length === 1 ? values[0]?.[1] ?? '' : '';
  };
  const strange = credentials.find((name) => !/^X-Amz-(Algorithm|Credential|Signature|Security-Token)$/.test(name));
  const found = CREDENTIAL.exec(value('X-Amz-Credential'))?.groups;
  const seconds = value('X-Amz-Expires');
  const signature = value('X-Amz-Signature');
  const isWhole = value('X-Amz-Algorithm') === 'AWS4-HMAC-SHA256' && /^\d{1,6}$/.test(seconds) && /^[0-9a-f]{64}$/.test(signature);
  if (!found || strange !== undefined || !isWhole) {
    throw new SignatureError(
      'incomplete',
      'AWS query-string parameters must be one each of X-Amz-Algorithm, X-Amz-Credential, X-Amz-Date, X-Amz-Expires, X-Amz-SignedHeaders and X-Amz-Signature',
    );
  }
  const token = value('X-Amz-Security-Token');
  return {
    ...scope(found, value('X-Amz-Date'), value('X-Amz-SignedHeaders'), signature),
    sessionToken: token === '' ? undefined : token,
    presignedFor: Math.min(Number(seconds), LONGEST_PRESIGNED_S),
  };
}

function scope(
  { id = '', day = '', region = '', service = '' }: Readonly<Record<string, string | undefined>>, date: string, signed = '', value = '',
): Omit<Signature, 'sessionToken'> {
  const signedHeaders = signed.toLowerCase().split(';');
  if (!DATE.test(date) || !date.startsWith(day) || !signedHeaders.includes('host')) {
    throw new SignatureError('incomplete', 'A signature must have a date of its scope, and sign the header host');
  }
  return { accessKeyId: id, day, region, service, date, signedHeaders, value };
}

function checkTime({ date, presignedFor }: Signature, now: number): void {
  const signedAt = Date.parse(date.replace(DATE, '$1-$2-$3T$4:$5:$6Z'));
  const until = signedAt + (presignedFor === undefined ? FRESH_MS : presignedFor * 1000);
  if (now <= until && signedAt <= now + FRESH_MS) {
    return;
  }
  throw new SignatureError('expired', `Signature ${now > until ? 'expired' : 'not yet current'}: ${date}, it is ${new Date(now).toISOString()}`);
}

function canonicalRequest(
  { service, signedHeaders, presignedFor }: Signature, { method = '', url = '/', headers }: Pick<IncomingMessage, 'method' | 'url' | 'headers'>,
  body: Buffer,
): string {
  const raw = url.split('?')[0] ?? '/';
  const query = readQuery(url).filter(([name]) => name !== 'X-Amz-Signature').map(([name, value]) => [encode(name), encode(value)] as const);
  query.sort(([name, value], [otherName, otherValue]) => compare(name, otherName) || compare(value, otherValue));
  return [
    method,
    service === 's3' ? raw : path.posix.normalize(raw).split('/').map(encode).join('/'), // all but S3 encode it once more
    query.map(([name, value]) => `${name}=${value}`).join('&'),
    ...signedHeaders.map((name) => `${name}:${headerText(headers[name])}`),
    '',
    signedHeaders.join(';'),
    payloadHash(service === 's3' && presignedFor !== undefined, headers['x-amz-content-sha256'], body),
  ].join('\n');
}

/** What the header says, if it is no lie. */
function payloadHash(isPresignedS3: boolean, header: string | string[] | undefined, body: Buffer): string {
  if (typeof header !== 'string') {
    return isPresignedS3 ? UNSIGNED : sha256(body);
  }
  if (header === UNSIGNED || header.startsWith('STREAMING-')) {
    return header;
  }
  return sha256(body);
}

function headerText(value: string | readonly string[] | undefined): string {
  const text = typeof value === 'string' || value === undefined ? value ?? '' : value.join(',');
  return Buffer.from(text, 'latin1').toString('utf8').trim().replace(/\s+/g, ' '); // Node reads headers as Latin-1
}

function readQuery(url: string): Query {
  const [, ...rest] = url.split('?');
  return rest.join('?').split('&').filter((pair) => pair !== '').map((pair) => {
    const [name = '', ...value] = pair.split('=');
    return [decode(name), decode(value.join('='))] as const;
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new SignatureError('incomplete', `'${text}' in the query is not percent-encoded UTF-8`);
  }
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
}

function compare(one: string, other: string): number {
  if (one === other) {
    return 0;
  }
  return one < other ? -1 : 1;
}

function sha256(content: string | Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
