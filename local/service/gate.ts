import type { IncomingMessage } from 'node:http';
import type { Credentials } from './contracts';
import type { Onward } from './forwarder';
import { refusal } from './refusal';
import { readSignature, SignatureError, verifySignature, type Signature } from './signature';
import type { Answer } from './wire';

/** Every access key of a local cloud. */
export interface KeyRing {
  /** Undefined for one that nobody has. */
  find(accessKeyId: string): Promise<Credentials | undefined>;
  /** Takes note of credentials that STS or IAM gives out. `asked`: the parameters of the request. */
  learn(asked: URLSearchParams, answer: Buffer): void;
}

/** Services that give out credentials. */
const GIVERS = ['sts', 'iam'];

/**
 * The only way to the emulator. The emulator takes whoever has no key, the key `test` or an account's number for root,
 * and never verifies root's signature; so nothing gets there that was not signed with a key of this cloud.
 */
export class Gate implements Onward {
  public constructor(private readonly emulator: Onward, private readonly keys: KeyRing) {}

  public async forward(request: IncomingMessage, body: Buffer): Promise<Answer> {
    let service = '';
    try {
      const signature = readSignature(request);
      ({ service } = signature);
      verifySignature(signature, await this.secretOf(signature), request, body);
    } catch (error) {
      if (error instanceof SignatureError) {
        return refusal(request, service, error);
      }
      throw error;
    }
    if (isInternal(request.url ?? '')) {
      return { status: 403, headers: { 'content-type': 'text/plain' }, body: Buffer.from('the pages of the emulator itself are for the local cloud alone') };
    }
    const answer = await this.emulator.forward(request, body);
    if (answer.status === 200 && GIVERS.includes(service)) {
      this.keys.learn(queryParameters(request, body), answer.body);
    }
    return answer;
  }

  private async secretOf({ accessKeyId, sessionToken }: Signature): Promise<string> {
    const found = await this.keys.find(accessKeyId);
    if (found?.sessionToken !== sessionToken || found === undefined) {
      throw new SignatureError('unknownKey', 'The security token included in the request is invalid.');
    }
    return found.secretAccessKey;
  }
}

/** Of the query protocol, which has them in the body or in the URL. */
function queryParameters({ url = '' }: IncomingMessage, body: Buffer): URLSearchParams {
  const [, query = ''] = url.split('?');
  return new URLSearchParams([...new URLSearchParams(query), ...new URLSearchParams(body.toString('utf8'))]);
}

/** The emulator's own pages, where no bucket can be: a bucket's name begins with a letter or a digit. */
function isInternal(url: string): boolean {
  try {
    return /^\/+_/.test(decodeURIComponent(url.split('?')[0] ?? ''));
  } catch {
    return true; // nobody knows what the emulator makes of it
  }
}
