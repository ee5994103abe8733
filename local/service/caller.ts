import type { IncomingMessage } from 'node:http';
import { ExpiredCallerError, UnknownCallerError, type Caller, type CallerAuthority } from './contracts';
import { refused } from './refusal';
import { readSignature, SignatureError, verifySignature, type Signature } from './signature';

type Identifier = Pick<CallerAuthority, 'identify'>;

/** Who signed a request to a service in a region. Throws what AWS answers to everybody else. */
export async function callerOf(
  request: IncomingMessage, body: Buffer, authority: Identifier, service: string, region: string,
): Promise<Caller> {
  return refusing(async () => {
    const signature = readSignature(request);
    if (signature.service !== service) {
      throw new SignatureError('mismatch', `Credential should be scoped to correct service: '${service}'.`);
    }
    if (signature.region !== region) {
      throw new SignatureError('mismatch', `Credential should be scoped to a valid region, not '${signature.region}'.`);
    }
    const caller = await identified(signature, request, body, authority);
    if (!caller) {
      throw new SignatureError('unknownKey', 'The security token included in the request is invalid.');
    }
    return caller;
  });
}

/** Who signed a request that may be handed on. Undefined for somebody whom the emulator may know: whoever hands it on checks that. */
export async function callerIfKnown(request: IncomingMessage, body: Buffer, authority: Identifier): Promise<Caller | undefined> {
  return refusing(async () => identified(readSignature(request), request, body, authority));
}

async function identified(
  signature: Signature, request: IncomingMessage, body: Buffer, authority: Identifier,
): Promise<Caller | undefined> {
  try {
    const { caller, secretAccessKey } = await authority.identify(signature.accessKeyId, signature.sessionToken);
    verifySignature(signature, secretAccessKey, request, body);
    return caller;
  } catch (error) {
    if (error instanceof UnknownCallerError) {
      return undefined;
    }
    if (error instanceof ExpiredCallerError) {
      throw new SignatureError('expiredToken', error.message);
    }
    throw error;
  }
}

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof SignatureError ? refused(error) : error;
  }
}
