import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

/** A certificate with its key; made by hand, as Node can read certificates and not make them. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
  readonly privateKey: KeyObject;
  readonly subject: string;
}

export interface CertificateOptions {
  readonly subject: string;
  /** Signs it; itself otherwise. */
  readonly issuer?: Identity;
  readonly ca?: boolean;
  /** Names of a server. */
  readonly ipAddress?: readonly [number, number, number, number];
  readonly notAfter?: Date;
}

export function makeCertificate(options: CertificateOptions): Identity {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = options.issuer ?? { privateKey, subject: options.subject };
  const algorithm = sequence(oid('2a8648ce3d040302')); // ecdsa-with-SHA256
  const extensions = [
    sequence(oid('551d13'), Buffer.from([0x01, 0x01, 0xff]), octets(options.ca === true ? sequence(Buffer.from([0x01, 0x01, 0xff])) : sequence())),
    ...options.ipAddress === undefined ? [] : [sequence(oid('551d11'), octets(sequence(der(0x87, Buffer.from(options.ipAddress)))))],
  ];
  const body = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1 + Math.floor(Math.random() * 126), 1])),
    algorithm,
    commonName(signer.subject),
    sequence(time(new Date(Date.now() - 86_400_000)), time(options.notAfter ?? new Date(Date.now() + 86_400_000))),
    commonName(options.subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, signer.privateKey);
  const certificate = sequence(body, algorithm, der(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return {
    certificate: `-----BEGIN CERTIFICATE-----\n${certificate.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), privateKey, subject: options.subject,
  };
}

function der(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(content.length)]), content]);
}

function lengthBytes(length: number): number[] {
  if (length < 128) {
    return [length];
  }
  return length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
}

function sequence(...parts: Buffer[]): Buffer {
  return der(0x30, Buffer.concat(parts));
}

function octets(content: Buffer): Buffer {
  return der(0x04, content);
}

function oid(hexadecimal: string): Buffer {
  return der(0x06, Buffer.from(hexadecimal, 'hex'));
}

function commonName(name: string): Buffer {
  return sequence(der(0x31, sequence(oid('550403'), der(0x0c, Buffer.from(name)))));
}

function time(date: Date): Buffer {
  return der(0x18, Buffer.from(date.toISOString().replaceAll(/[-:T]|\.\d+/g, '')));
}
