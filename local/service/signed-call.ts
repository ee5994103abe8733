import { SignatureV4 } from '@smithy/signature-v4';
import type { Credentials } from './contracts';
import { MODELS, type ServiceId } from './model';
import { Sha256 } from './sha256';
import { isRecord } from './validator';

export interface SignedCall {
  readonly service: ServiceId;
  readonly operation: string;
  readonly input: object;
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
}

/**
 * Calls an operation of a service with the JSON protocol of which this project has no SDK client. Throws an Error with the service's name
 * and text of what it refuses.
 */
export async function signedCall(call: SignedCall): Promise<Record<string, unknown>> {
  const { service, operation, input, endpoint, region, credentials } = call;
  const { signingName, targetPrefix = '' } = MODELS[service];
  const { protocol, hostname, port, host } = new URL(endpoint);
  const body = JSON.stringify(input);
  const signer = new SignatureV4({ credentials, region, service: signingName, sha256: Sha256, applyChecksum: false });
  const { headers } = await signer.sign({
    protocol, hostname, port: Number(port), method: 'POST', path: '/', query: {}, body,
    headers: { host, 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${targetPrefix}.${operation}` },
  });
  const response = await fetch(endpoint, { method: 'POST', headers, body });
  const text = await response.text();
  const answer: unknown = text === '' ? {} : JSON.parse(text);
  if (!isRecord(answer)) {
    throw new Error(`${service} answered ${operation} with ${text}`);
  }
  if (!response.ok) {
    throw Object.assign(new Error(String(answer.message)), { name: String(answer.__type) });
  }
  return answer;
}
