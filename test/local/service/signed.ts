import { SignatureV4 } from '@smithy/signature-v4';
import { Sha256 } from '../../../local/service/sha256';

/** How a request is signed; the defaults are right for the tests' caller. */
export interface SigningOptions {
  readonly method?: string;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  readonly region?: string;
  readonly service?: string;
  readonly date?: Date;
}

/** A URL and the headers of a request to it. */
export interface SignedRequest { readonly url: string; readonly headers: Record<string, string> }

/** In the Authorization header, by AWS's own signer. */
export async function signed(url: string, options: SigningOptions = {}): Promise<SignedRequest> {
  const { body, date: signingDate = new Date() } = options;
  const { headers } = await signer(options).sign({ ...parts(url, options), ...body === undefined ? {} : { body } }, { signingDate });
  return { url, headers };
}

/** In the query, as the SDK's presigner of S3 does. */
export async function presigned(url: string, options: SigningOptions & { readonly expiresIn?: number } = {}): Promise<SignedRequest> {
  const { date: signingDate = new Date(), expiresIn = 900 } = options;
  const { query = {}, headers } = await signer(options).presign(
    parts(url, { ...options, headers: { 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD', ...options.headers } }), { signingDate, expiresIn },
  );
  const result = new URL(url);
  for (const [name, value] of Object.entries(query)) {
    result.searchParams.set(name, String(value));
  }
  return { url: result.href, headers };
}

function signer({
  accessKeyId = 'ASIAHANDLER00001', secretAccessKey = 'secret', sessionToken, region = 'us-east-1', service = 's3',
}: SigningOptions): SignatureV4 {
  return new SignatureV4({
    credentials: { accessKeyId, secretAccessKey, ...sessionToken === undefined ? {} : { sessionToken } },
    region, service, sha256: Sha256, uriEscapePath: service !== 's3', applyChecksum: service === 's3',
  });
}

function parts(url: string, { method = 'GET', headers = {} }: SigningOptions): Parameters<SignatureV4['sign']>[0] {
  const { protocol, hostname, port, host, pathname, searchParams } = new URL(url);
  return {
    protocol, hostname, port: Number(port), method, path: pathname, query: Object.fromEntries(searchParams), headers: { ...headers, host },
  };
}
