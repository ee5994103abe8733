import { createPrivateKey } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { makeKeyAndRequest } from '../../../lambda/identity/csr';
import { writeZip } from '../../../lib/private/archive/zip';
import { ANY_KEY, holdsBytes, secretBytes } from '../../deploy/key-search';

const { privateKeyPem: pem, certificateSigningRequest: request } = makeKeyAndRequest('camera');
const key = createPrivateKey(pem);
const secret = JSON.stringify({ thingName: 'camera', privateKeyPem: pem, certificateSigningRequest: request });
const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const wrapped = (text: string): string => text.replace(/.{76}/g, '$&\r\n');

const LEAKS: [string, string | Buffer][] = [
  ['PEM', `…${pem}…`],
  ['PEM with escaped line breaks', secret],
  ['PEM, quoted twice', JSON.stringify(JSON.stringify({ secret }))],
  ['PEM without line breaks', pem.replace(/\n/g, '')],
  ['PEM with line breaks of Windows', pem.replace(/\n/g, '\r\n')],
  ['PEM in a URL', `https://x/?key=${encodeURIComponent(pem)}`],
  ['PEM in base64', base64(pem)],
  ['the secret in base64', `{"SecretBinary":"${base64(secret)}"}`],
  ['the secret in base64, one byte later', base64(` ${secret}`)],
  ['the secret in base64, two bytes later', base64(`  ${secret}`)],
  ['the secret in base64 with line breaks', wrapped(base64(secret))],
  ['the secret in base64 for URLs', Buffer.from(secret).toString('base64url')],
  ['PEM of SEC 1', key.export({ format: 'pem', type: 'sec1' })],
  ['JWK', JSON.stringify(key.export({ format: 'jwk' }))],
  ['DER', key.export({ format: 'der', type: 'pkcs8' })],
  ['hexadecimal', key.export({ format: 'der', type: 'pkcs8' }).toString('hex').toUpperCase()],
  ['gzip', gzipSync(secret)],
  ['a zip', writeZip([{ path: 'a/key.pem', content: Buffer.from(pem) }]) ?? ''],
];

test.each(LEAKS)('the search finds a key that leaked as %s', (_, content) => {
  expect(holdsBytes(content, secretBytes(pem))).toBe(true);
});

test.each(LEAKS.filter(([name]) => !['PEM of SEC 1', 'JWK'].includes(name)))('and by its beginning alone: %s', (_, content) => {
  expect(holdsBytes(content, ANY_KEY)).toBe(true);
});

test.each([
  ['another key', makeKeyAndRequest('camera').privateKeyPem],
  ['its signing request', request],
  ['nothing', ''],
])('it does not take %s for it', (_, content) => {
  expect(holdsBytes(content, secretBytes(pem))).toBe(false);
});

test('nor a signing request for any key', () => {
  expect(holdsBytes(request, ANY_KEY)).toBe(false);
});
