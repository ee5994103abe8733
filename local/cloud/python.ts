import { X509Certificate } from 'node:crypto';
import * as fs from 'node:fs';
import type { LocalFolder } from './folder';
import { makeOnce } from './make-once';
import { LocalProblem } from './problem';
import { resource } from '../service/programs';
import type { Progress } from './progress';
import type { Session } from './session';
import { ensureVirtualEnvironment, pythonOf } from './virtual-environment';

const OLDEST = [3, 10] as const;

/** Makes the virtual environment of the emulator, unless the one that is there is whole and of the same requirements. */
export async function ensurePython(session: Session, folder: LocalFolder, note: (line: string) => void): Promise<void> {
  await ensureVirtualEnvironment(session, folder, {
    who: 'the local cloud', what: 'the emulator', oldest: OLDEST, venv: folder.venv,
    wheels: resource('requirements.txt'), sources: resource('source-requirements.txt'),
    proof: 'import hypercorn, yaml, botocore, cryptography.x509, importlib.util as u; assert u.find_spec("ministack.app") and u.find_spec("git_remote_codecommit")',
  }, note);
}

/**
 * Makes the virtual environment of experiments, which clouds share as they share the emulator's: MLflow with its server, DVC, and what the
 * jobs of examples/dvc-experiments import. Nothing else needs it; it has 170 packages. Returns the path of its `python`. Throws a
 * LocalProblem without Python 3.10, and without a package index.
 */
export async function experimentsPython(session: Session, folder: LocalFolder, progress: Progress): Promise<string> {
  const { experimentsVenv: venv } = folder;
  await progress.step('Python environment of the experiments', async () => ensureVirtualEnvironment(session, folder, {
    who: 'the environment of experiments', what: 'MLflow, DVC and the packages of the jobs', oldest: OLDEST, venv,
    wheels: resource('experiments/requirements.txt'), sources: resource('experiments/source-requirements.txt'),
    proof: 'import importlib.util as u; assert all(map(u.find_spec, ("mlflow", "sagemaker_mlflow", "dvc", "dvc_s3", "sklearn", "skl2onnx", "onnxruntime", "git_remote_codecommit", "antlr4")))',
  }, (line) => {
    progress.note(line);
  }));
  return pythonOf(venv);
}

/** Certificates for TLS on loopback; kept while they are valid for another month. */
export async function ensureCertificates(session: Session, folder: LocalFolder): Promise<void> {
  await makeOnce(folder.tls, () => areCertificatesValid(folder), async () => {
    const { code, lines } = await session.run({
      name: 'certificates', command: folder.python, args: [resource('certificates.py'), folder.tls],
      env: process.env, cwd: folder.root,
    });
    if (code !== 0) {
      throw new LocalProblem('the TLS certificates of the local cloud could not be made:', lines);
    }
  });
}

function areCertificatesValid({ caFile, serverCertificate, serverKey }: LocalFolder): boolean {
  if (![caFile, serverCertificate, serverKey].every((file) => fs.existsSync(file))) {
    return false;
  }
  const end = Date.parse(new X509Certificate(fs.readFileSync(serverCertificate)).validTo);
  return end - Date.now() > 30 * 24 * 3600 * 1000;
}
