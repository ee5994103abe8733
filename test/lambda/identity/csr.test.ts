import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, verify } from 'node:crypto';
import { makeKeyAndRequest } from '../../../lambda/identity/csr';

/** One DER element: its tag, its content, and where it ends. */
function element(bytes: Buffer, offset = 0): { tag: number; content: Buffer; whole: Buffer; end: number } {
  const first = bytes.readUInt8(offset + 1);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  const start = offset + 2 + lengthBytes;
  const length = lengthBytes === 0 ? first : bytes.readUIntBE(offset + 2, lengthBytes);
  return {
    tag: bytes.readUInt8(offset),
    content: bytes.subarray(start, start + length),
    whole: bytes.subarray(offset, start + length),
    end: start + length,
  };
}

function children(content: Buffer): ReturnType<typeof element>[] {
  const found: ReturnType<typeof element>[] = [];
  for (let offset = 0; offset < content.length; offset = found.at(-1)?.end ?? content.length) {
    found.push(element(content, offset));
  }
  return found;
}

function derOf(pem: string): Buffer {
  return Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
}

function part(parts: ReturnType<typeof element>[], index: number): ReturnType<typeof element> {
  const found = parts[index];
  if (!found) {
    throw new Error(`no element ${index}`);
  }
  return found;
}

const hasOpenssl = (() => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe('a signing request', () => {
  const { privateKeyPem, certificateSigningRequest } = makeKeyAndRequest('demo-camera');
  const parts = children(element(derOf(certificateSigningRequest)).content);
  const info = children(part(parts, 0).content);

  test('is a PEM block with lines of 64 characters', () => {
    const block = /^-----BEGIN CERTIFICATE REQUEST-----\n([A-Za-z0-9+/=]{1,64}\n)+-----END CERTIFICATE REQUEST-----\n$/;
    expect(certificateSigningRequest).toMatch(block);
  });

  test('has the info, the algorithm and the signature of PKCS #10, and nothing after them', () => {
    const der = derOf(certificateSigningRequest);
    expect(element(der).end).toBe(der.length);
    expect(parts.map(({ tag }) => tag)).toEqual([0x30, 0x30, 0x03]);
    expect(info.map(({ tag }) => tag)).toEqual([0x02, 0x30, 0x30, 0xa0]);
  });

  test('is of version 0, with the thing as common name', () => {
    expect(part(info, 0).content).toEqual(Buffer.from([0]));
    expect(part(info, 1).content.toString('utf8')).toContain('demo-camera');
  });

  test('holds the public key of the private key', () => {
    const publicKey = createPublicKey({ key: part(info, 2).whole, format: 'der', type: 'spki' });
    expect(publicKey.equals(createPublicKey(createPrivateKey(privateKeyPem)))).toBe(true);
    expect(publicKey.asymmetricKeyDetails?.namedCurve).toBe('prime256v1');
  });

  test('is signed by that key with ECDSA and SHA-256', () => {
    expect(part(children(part(parts, 1).content), 0).content.toString('hex')).toBe('2a8648ce3d040302');
    const signature = part(parts, 2).content.subarray(1); // after the count of unused bits
    expect(verify('sha256', part(parts, 0).whole, createPublicKey(privateKeyPem), signature)).toBe(true);
  });

  test('is made with a new key each time', () => {
    expect(makeKeyAndRequest('demo-camera').privateKeyPem).not.toBe(privateKeyPem);
  });

  test.each([1, 64, 128])('of a name with %i characters is one that can be read', (length) => {
    const request = children(element(derOf(makeKeyAndRequest('n'.repeat(length)).certificateSigningRequest)).content);
    expect(part(children(part(request, 0).content), 1).content.toString('latin1')).toContain('n'.repeat(Math.min(length, 64)));
  });

  (hasOpenssl ? test : test.skip)('is accepted by openssl', () => {
    const subject = execFileSync('openssl', ['req', '-verify', '-noout', '-subject', '-nameopt', 'RFC2253'], {
      input: certificateSigningRequest, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'],
    });
    expect(subject).toContain('CN=demo-camera');
  });

  (hasOpenssl ? test : test.skip)('comes with a key that openssl reads', () => {
    expect(execFileSync('openssl', ['pkey', '-noout', '-text'], { input: privateKeyPem, encoding: 'utf8' })).toContain('P-256');
  });
});
