import { sign } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { verifyPackage } from '../../../agent/models/package';
import { scratchFolder } from '../support/agent-process';
import { makeCertificate, type Identity } from '../support/certificates';
import { writePackage } from '../support/models';

let folder: string;
beforeEach(() => {
  folder = join(scratchFolder(), 'package');
});
const model = Buffer.from('model bytes');

function precondition(reason: RegExp): object {
  const message: unknown = expect.stringMatching(reason);
  return { code: status.FAILED_PRECONDITION, message };
}

describe('the folder', () => {
  it('of an unchanged package passes', async () => {
    writePackage(folder, model, { others: { 'weights/part.bin': Buffer.from('weights') } });
    await expect(verifyPackage(folder, [])).resolves.toMatchObject({ modelName: 'text-recogniser', modelVersion: '1.0', otherFiles: [join(folder, 'weights/part.bin')], totalBytes: 18, modelPath: join(folder, 'model.onnx') });
  });

  it('that does not exist is NOT_FOUND', async () => {
    await expect(verifyPackage(folder, [])).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  it.each<[string, (folder: string) => void, RegExp]>([
    ['without a manifest', (at) => { rmSync(join(at, 'sagemaker_edge_manifest')); }, /not a model package/],
    ['with a file too many', (at) => { writeFileSync(join(at, 'notes.txt'), ''); }, /notes\.txt is not in the manifest/],
    ['with a file too many in a folder', (at) => {
      mkdirSync(join(at, 'a'));
      writeFileSync(join(at, 'a', 'b'), '');
    }, /a\/b is not in the manifest/],
    ['with a file missing', (at) => { rmSync(join(at, 'weights.bin')); }, /weights\.bin is in the manifest and not in the folder/],
    ['with a longer file', (at) => { appendFileSync(join(at, 'weights.bin'), '!'); }, /weights\.bin has 8 bytes, the manifest says 7/],
    ['with a changed byte', (at) => { writeFileSync(join(at, 'weights.bin'), 'weightz'); }, /weights\.bin: SHA-256 is .*, the manifest says/],
    ['with a link', (at) => { symlinkSync('/etc/passwd', join(at, 'link')); }, /link is neither a file nor a folder/],
    ['with a manifest that is not JSON', (at) => { writeFileSync(join(at, 'sagemaker_edge_manifest'), '{'); }, /is not JSON/],
  ])('%s is FAILED_PRECONDITION with the reason', async (_, damage, reason) => {
    writePackage(folder, model, { others: { 'weights.bin': Buffer.from('weights') } });
    damage(folder);
    await expect(verifyPackage(folder, [])).rejects.toMatchObject(precondition(reason));
  });

  it('that is a file is FAILED_PRECONDITION', async () => {
    writeFileSync(folder, '');
    await expect(verifyPackage(folder, [])).rejects.toMatchObject(precondition(/wanted the folder/));
  });
});

describe('the manifest', () => {
  it.each<[string, (manifest: Record<string, unknown>) => void, RegExp]>([
    ['of AWS\'s own packaging job', (manifest) => { manifest.metadata = { model_name: 'darknet', model_version: '1.0' }; }, /package of AWS's own packaging job.*runs ONNX/],
    ['of a DLR package', (manifest) => { manifest.metadata = { model_name: 'darknet', model_version: '1.0', runtime: 'DLR' }; }, /made for the runtime "DLR"; this agent runs ONNX/],
    ['without metadata', (manifest) => { delete manifest.metadata; }, /no metadata/],
    ['with a name that would leave its key', (manifest) => { manifest.metadata = { model_name: '../x', model_version: '1.0', runtime: 'ONNX' }; }, /wanted a name of letters/],
    ['that names a model file outside its files', (manifest) => { manifest.model_file = '../other.onnx'; }, /model_file .* is not among/],
    ['that reaches out of the folder', (manifest) => { manifest.files = [{ path: '../other.onnx', size: 1, sha256: 'a'.repeat(64) }]; }, /other\.onnx is in the manifest and not in the folder/],
    ['with a digest that is none', (manifest) => { manifest.files = [{ path: 'model.onnx', size: 1, sha256: 'no' }]; }, /wanted files of/],
  ])('%s is FAILED_PRECONDITION with the reason', async (_, change, reason) => {
    writePackage(folder, model, { change });
    await expect(verifyPackage(folder, [])).rejects.toMatchObject(precondition(reason));
  });
});

describe('the signature', () => {
  const root = makeCertificate({ subject: 'signing root', ca: true });
  const signer = makeCertificate({ subject: 'signer', issuer: root });

  function signPackage(by: Identity, change: Record<string, unknown> = {}): void {
    writePackage(folder, model);
    const signature = sign('sha256', readFileSync(join(folder, 'sagemaker_edge_manifest')), by.privateKey).toString('base64');
    writeFileSync(join(folder, 'sagemaker_edge_manifest.sig'), JSON.stringify({ format: 'cdk-sagemaker-edge/signature-1', algorithm: 'ECDSA_SHA_256', certificate: by.certificate, signature, ...change }));
  }

  it('is not asked for without roots', async () => {
    writePackage(folder, model);
    await expect(verifyPackage(folder, [])).resolves.toMatchObject({ modelName: 'text-recogniser' });
  });

  it('by a certificate of a root passes', async () => {
    signPackage(signer);
    await expect(verifyPackage(folder, [makeCertificate({ subject: 'another', ca: true }).certificate, root.certificate])).resolves.toMatchObject({ signedBy: 'CN=signer' });
  });

  it('by the root itself passes', async () => {
    signPackage(root);
    await expect(verifyPackage(folder, [root.certificate])).resolves.toMatchObject({ signedBy: 'CN=signing root' });
  });

  it('fails when the package is not signed and there are roots', async () => {
    writePackage(folder, model);
    await expect(verifyPackage(folder, [root.certificate])).rejects.toMatchObject(precondition(/not signed/));
  });

  it('fails when the manifest was changed', async () => {
    signPackage(signer);
    appendFileSync(join(folder, 'sagemaker_edge_manifest'), ' ');
    await expect(verifyPackage(folder, [root.certificate])).rejects.toMatchObject(precondition(/not that of this manifest/));
  });

  it('fails when the certificate is of another root', async () => {
    signPackage(signer);
    await expect(verifyPackage(folder, [makeCertificate({ subject: 'signing root', ca: true }).certificate])).rejects.toMatchObject(precondition(/issued by none/));
  });

  it('fails when the issuer is no authority', async () => {
    const plain = makeCertificate({ subject: 'no authority' });
    signPackage(makeCertificate({ subject: 'signer', issuer: plain }));
    await expect(verifyPackage(folder, [plain.certificate])).rejects.toMatchObject(precondition(/issued by none/));
  });

  it('fails when the certificate is past its time', async () => {
    signPackage(makeCertificate({ subject: 'old signer', issuer: root, notAfter: new Date(Date.now() - 1000) }));
    await expect(verifyPackage(folder, [root.certificate])).rejects.toMatchObject(precondition(/old signer is valid from/));
  });

  it.each([
    ['the algorithm does not go with the key', { algorithm: 'RSASSA_PSS_SHA_256' }, /with ec/],
    ['the algorithm is unknown', { algorithm: 'MD5' }, /got MD5/],
    ['the format is another', { format: 'aws' }, /not published/],
    ['the certificate cannot be read', { certificate: 'none' }, /cannot be read/],
  ])('fails when %s', async (_, change, reason) => {
    signPackage(signer, change);
    await expect(verifyPackage(folder, [root.certificate])).rejects.toMatchObject(precondition(reason));
  });
});
