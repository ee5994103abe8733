import { constants, verify, X509Certificate, type VerifyKeyObjectInput } from 'node:crypto';
import { isRecord } from '../config/reader';
import { failedPrecondition, messageOf } from '../status';

const FORMAT = 'cdk-sagemaker-edge/signature-1';

/** KMS's names, with EdDSA beside them. */
const ALGORITHMS: Readonly<Record<string, { hash: string | undefined; padding?: number }>> = {
  RSASSA_PSS_SHA_256: { hash: 'sha256', padding: constants.RSA_PKCS1_PSS_PADDING },
  RSASSA_PKCS1_V1_5_SHA_256: { hash: 'sha256' },
  ECDSA_SHA_256: { hash: 'sha256' },
  ED25519: { hash: undefined },
};
const KEY_TYPES: Readonly<Record<string, string>> = {
  RSASSA_PSS_SHA_256: 'rsa',
  RSASSA_PKCS1_V1_5_SHA_256: 'rsa',
  ECDSA_SHA_256: 'ec',
  ED25519: 'ed25519',
};

/**
 * Checks the detached signature of a manifest against the trusted roots. Without roots nothing is asked for: the
 * manifest's digests alone protect the package. With roots, a package without a valid signature is refused.
 * Returns the signer's subject where one was verified.
 */
export function verifySignature(manifest: Buffer, signatureText: string | undefined, roots: readonly string[]): string | undefined {
  if (roots.length === 0) {
    return undefined;
  }
  if (signatureText === undefined) {
    throw failedPrecondition(
      'the package is not signed, and sagemaker_edge_core_root_certs_path holds signing roots: sign the package, or empty that folder',
    );
  }
  const { algorithm, certificate, signature } = parseSignature(signatureText);
  checkChain(certificate, roots);
  const scheme = ALGORITHMS[algorithm];
  const key: VerifyKeyObjectInput = { key: certificate.publicKey, ...(scheme?.padding === undefined ? {} : { padding: scheme.padding }) };
  if (scheme === undefined || certificate.publicKey.asymmetricKeyType !== KEY_TYPES[algorithm]) {
    const wanted = `one of ${Object.keys(ALGORITHMS).join(', ')} with a key of its kind`;
    const keyType = certificate.publicKey.asymmetricKeyType ?? 'an unknown key';
    throw failedPrecondition(`signature: wanted ${wanted}, got ${algorithm} with ${keyType}`);
  }
  if (!verify(scheme.hash, manifest, key, signature)) {
    throw failedPrecondition('signature: it is not that of this manifest');
  }
  return certificate.subject;
}

function parseSignature(text: string): { algorithm: string; certificate: X509Certificate; signature: Buffer } {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw failedPrecondition('signature: wanted JSON');
  }
  const { format, algorithm, certificate, signature }: Record<string, unknown> = isRecord(parsed) ? parsed : {};
  const texts = typeof algorithm === 'string' && typeof certificate === 'string' && typeof signature === 'string';
  if (format !== FORMAT || !texts) {
    throw failedPrecondition(
      `signature: wanted {format: "${FORMAT}", algorithm, certificate, signature}; AWS's own format is not published and not understood`,
    );
  }
  try {
    return { algorithm, certificate: new X509Certificate(certificate), signature: Buffer.from(signature, 'base64') };
  } catch (error) {
    throw failedPrecondition(`signature: the certificate cannot be read: ${messageOf(error)}`);
  }
}

/** The certificate is one of the roots, or issued by one of them directly. Both are valid today. */
function checkChain(certificate: X509Certificate, roots: readonly string[]): void {
  checkValidity(certificate);
  for (const pem of roots) {
    const root = readRoot(pem);
    if (root.fingerprint256 === certificate.fingerprint256) {
      return;
    }
    if (root.ca && certificate.checkIssued(root) && certificate.verify(root.publicKey)) {
      checkValidity(root);
      return;
    }
  }
  throw failedPrecondition(`signature: ${oneLine(certificate.subject)} is issued by none of the ${roots.length} signing root(s)`);
}

function readRoot(pem: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw failedPrecondition(`sagemaker_edge_core_root_certs_path holds a PEM file that is no certificate: ${messageOf(error)}`);
  }
}

function checkValidity(certificate: X509Certificate): void {
  const now = Date.now();
  if (Date.parse(certificate.validFrom) > now || Date.parse(certificate.validTo) < now) {
    const { validFrom, validTo } = certificate;
    throw failedPrecondition(`signature: the certificate ${oneLine(certificate.subject)} is valid from ${validFrom} to ${validTo}`);
  }
}

function oneLine(subject: string): string {
  return subject.replaceAll('\n', ', ');
}
