import { generateKeyPairSync, sign } from 'node:crypto';

/** A key and the request for its certificate, both PEM. */
export interface KeyAndRequest {
  readonly privateKeyPem: string;
  readonly certificateSigningRequest: string;
}

// DER tags of X.690.
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OID = 0x06;
const UTF8_STRING = 0x0c;
const SEQUENCE = 0x30;
const SET = 0x31;
const ATTRIBUTES = 0xa0; // [0], constructed

const COMMON_NAME = Buffer.from([0x55, 0x04, 0x03]); // 2.5.4.3
const ECDSA_WITH_SHA256 = Buffer.from([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]); // 1.2.840.10045.4.3.2
const COMMON_NAME_MAX = 64; // ub-common-name of RFC 5280

/** A new P-256 key and a PKCS #10 request (RFC 2986) for it. */
export function makeKeyAndRequest(commonName: string): KeyAndRequest {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const info = der(SEQUENCE,
    der(INTEGER, Buffer.from([0])),
    der(SEQUENCE, der(SET, der(SEQUENCE, der(OID, COMMON_NAME), der(UTF8_STRING, Buffer.from(commonName.slice(0, COMMON_NAME_MAX)))))),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(ATTRIBUTES),
  );
  const request = der(SEQUENCE,
    info,
    der(SEQUENCE, der(OID, ECDSA_WITH_SHA256)),
    der(BIT_STRING, Buffer.from([0]), sign('sha256', info, privateKey)),
  );
  return {
    privateKeyPem: pem('PRIVATE KEY', privateKey.export({ type: 'pkcs8', format: 'der' })),
    certificateSigningRequest: pem('CERTIFICATE REQUEST', request),
  };
}

function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), derLength(content.length), content]);
}

function derLength(length: number): Buffer {
  if (length < 0x80) {
    return Buffer.from([length]);
  }
  return length < 0x100 ? Buffer.from([0x81, length]) : Buffer.from([0x82, length >> 8, length & 0xff]);
}

function pem(label: string, content: Buffer): string {
  const lines = content.toString('base64').match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}
