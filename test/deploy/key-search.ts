import { createPrivateKey } from 'node:crypto';
import { gunzipSync, inflateRawSync } from 'node:zlib';

/** What every PKCS #8 key on P-256 begins with: it finds keys that nobody has any more. */
export const ANY_KEY = Buffer.from('308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420', 'hex');

/** The 32 bytes that are the secret of a P-256 key. */
export function secretBytes(pem: string): Buffer {
  const { d = '' } = createPrivateKey(pem).export({ format: 'jwk' });
  const secret = Buffer.from(d, 'base64url');
  if (secret.length !== 32) {
    throw new Error('not a private key on P-256');
  }
  return secret;
}

/**
 * Whether a content holds any of these bytes: as they are, hexadecimal, or in base64 (of PEM, DER, JWK, and that in base64 again),
 * whatever was done to the line breaks; also within gzip and zip.
 */
export function holdsBytes(content: string | Buffer, ...secrets: readonly Buffer[]): boolean {
  const needles = secrets.map((secret) => ({ secret, hex: secret.toString('hex'), base64: textForms(secret) }));
  return layers(typeof content === 'string' ? Buffer.from(content) : content).some((layer) => {
    const raw = layer.toString('latin1');
    const text = layer.includes(0) ? raw : withoutBreaks(raw); // a program has no quoted text, and takes seconds to read so
    const lower = text.toLowerCase();
    return needles.some(
      ({ secret, hex, base64 }) => layer.includes(secret) || lower.includes(hex) || base64.some((needle) => text.includes(needle)),
    );
  });
}

/** Beginnings, so short that they lie within one line of PEM, and too long for chance. */
function textForms(secret: Buffer): string[] {
  const once = inBase64(secret).map((text) => text.slice(0, 12));
  const both = [...once, ...once.flatMap((text) => inBase64(Buffer.from(text)))];
  return [...both, ...both.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'))];
}

/** The characters that these bytes give wherever in a longer content they begin. */
function inBase64(data: Buffer): string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), data]).toString('base64');
    return text.slice(Math.ceil(before * 4 / 3), Math.floor((before + data.length) * 4 / 3));
  });
}

/** As JSON quotes it any number of times, as a URL has it, and as it is. */
function withoutBreaks(text: string): string {
  return text.replace(
    /\\+u00([0-9a-f]{2})|%([0-9a-f]{2})/gi,
    (_, json: string | undefined, url: string | undefined) => String.fromCharCode(parseInt(json ?? url ?? '', 16)),
  )
    .replace(/\\+[nrt]|\s/g, '').replace(/\\+\//g, '/');
}

/** The content, and what is packed in it. */
function layers(bytes: Buffer): Buffer[] {
  return [bytes, ...packed(bytes).flatMap(layers)];
}

function packed(bytes: Buffer): Buffer[] {
  if (bytes.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b]))) {
    return attempt(() => gunzipSync(bytes));
  }
  return bytes.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004')) ? zipEntries(bytes) : [];
}

/** By the central directory: signature, method at 10, packed size at 20, lengths at 28 to 33, place at 42. */
function zipEntries(zip: Buffer): Buffer[] {
  const entries: Buffer[] = [];
  for (let at = zip.indexOf('PK\u0001\u0002'); at >= 0; at = zip.indexOf('PK\u0001\u0002', at + 46)) {
    const place = zip.readUInt32LE(at + 42);
    if (place + 30 > zip.length || zip.readUInt32LE(place) !== 0x04034b50) {
      continue;
    }
    const start = place + 30 + zip.readUInt16LE(place + 26) + zip.readUInt16LE(place + 28);
    const data = zip.subarray(start, start + zip.readUInt32LE(at + 20));
    entries.push(...zip.readUInt16LE(at + 10) === 0 ? [data] : attempt(() => inflateRawSync(data)));
  }
  return entries;
}

function attempt(unpack: () => Buffer): Buffer[] {
  try {
    return [unpack()];
  } catch {
    return []; // it only looked like one
  }
}
