import type { IncomingMessage } from 'node:http';
import { randomUUID } from 'node:crypto';
import { ServiceError } from './errors';
import type { SignatureError, SignatureProblem } from './signature';
import type { Answer } from './wire';

/** How services name what is wrong with a signature: those with JSON, those with the query protocol, and S3. */
interface Names { readonly json: string; readonly query: string; readonly s3: string }

const NAMES: Readonly<Record<SignatureProblem, Names>> = {
  missing: { json: 'MissingAuthenticationTokenException', query: 'MissingAuthenticationToken', s3: 'AccessDenied' },
  incomplete: { json: 'IncompleteSignatureException', query: 'IncompleteSignature', s3: 'AuthorizationHeaderMalformed' },
  version2: { json: 'IncompleteSignatureException', query: 'IncompleteSignature', s3: 'InvalidRequest' },
  unknownKey: { json: 'UnrecognizedClientException', query: 'InvalidClientTokenId', s3: 'InvalidAccessKeyId' },
  mismatch: { json: 'InvalidSignatureException', query: 'SignatureDoesNotMatch', s3: 'SignatureDoesNotMatch' },
  expired: { json: 'InvalidSignatureException', query: 'SignatureDoesNotMatch', s3: 'RequestTimeTooSkewed' },
  expiredToken: { json: 'ExpiredTokenException', query: 'ExpiredToken', s3: 'ExpiredToken' },
};
const STATUS = 403;
/** Of S3's InvalidRequest and ExpiredToken. */
const BAD_REQUEST = 400;

/** What a service with JSON answers. */
export function refused({ problem, message }: SignatureError): ServiceError {
  return new ServiceError(NAMES[problem].json, message, STATUS);
}

/** What the service that a request is meant for answers. */
export function refusal({ headers }: IncomingMessage, service: string, { problem, message }: SignatureError): Answer {
  const { json, query, s3 } = NAMES[problem];
  const text = escapeXml(message);
  if (service === 's3' || problem === 'version2') { // S3 alone has had Version 2 in a URL of this form
    const error = `<Error><Code>${s3}</Code><Message>${text}</Message><RequestId>${randomUUID()}</RequestId></Error>`;
    return xml(error, problem === 'version2' || problem === 'expiredToken' ? BAD_REQUEST : STATUS);
  }
  if (headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true) {
    const error = `<Error><Type>Sender</Type><Code>${query}</Code><Message>${text}</Message></Error>`;
    return xml(`<ErrorResponse>${error}<RequestId>${randomUUID()}</RequestId></ErrorResponse>`);
  }
  const body = Buffer.from(JSON.stringify({ __type: json, message }));
  return { status: STATUS, headers: { 'content-type': 'application/json', 'x-amzn-errortype': json, 'content-length': body.length }, body };
}

function xml(content: string, status = STATUS): Answer {
  const body = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${content}`);
  return { status, headers: { 'content-type': 'application/xml', 'content-length': body.length }, body };
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
