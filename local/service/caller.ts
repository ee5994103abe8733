import type { IncomingMessage } from 'node:http';
import { UnknownCallerError, type Caller, type CallerAuthority } from './contracts';
import { ServiceError } from './errors';

type Identifier = Pick<CallerAuthority, 'identify'>;

/** Who signed a request, by their own account: the signature itself is not verified. */
interface Credential {
  readonly accessKeyId: string;
  readonly region: string;
  readonly service: string;
  readonly sessionToken: string | undefined;
}

/** Undefined for a request that nobody signed. */
export function readCredential({ headers }: IncomingMessage): Credential | undefined {
  const [, accessKeyId, region, service] = /Credential=([^/,\s]+)\/\d+\/([^/,\s]+)\/([^/,\s]+)\//.exec(headers.authorization ?? '') ?? [];
  if (accessKeyId === undefined || region === undefined || service === undefined) { return undefined; }
  const token = headers['x-amz-security-token'];
  return { accessKeyId, region, service, sessionToken: typeof token === 'string' ? token : undefined };
}

/** Who signed a request to a service in a region. Throws what AWS answers to everybody else. */
export async function callerOf(request: IncomingMessage, authority: Identifier, service: string, region: string): Promise<Caller> {
  const credential = readCredential(request);
  if (!credential) { throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403); }
  if (credential.service !== service) { throw new ServiceError('InvalidSignatureException', `Credential should be scoped to correct service: '${service}'.`, 403); }
  if (credential.region !== region) { throw new ServiceError('InvalidSignatureException', `Credential should be scoped to a valid region, not '${credential.region}'.`, 403); }
  const caller = await identified(credential, authority);
  if (!caller) { throw new ServiceError('UnrecognizedClientException', 'The security token included in the request is invalid.', 403); }
  return caller;
}

/** Who signed a request that may be handed on. Undefined for somebody whom the emulator may know: it decides about what is handed on. */
export async function callerIfKnown(request: IncomingMessage, authority: Identifier): Promise<Caller | undefined> {
  const credential = readCredential(request);
  return credential && identified(credential, authority);
}

async function identified({ accessKeyId, sessionToken }: Credential, authority: Identifier): Promise<Caller | undefined> {
  try {
    return await authority.identify(accessKeyId, sessionToken);
  } catch (error) {
    if (error instanceof UnknownCallerError) { return undefined; }
    throw error;
  }
}
