import type { ManifestFileName, ModelManifest } from '../../lib/model/private/manifest-contract';
import type { Files } from './archive';
import { sha256, tar, untar } from './archive';
import type { CompiledModel } from './compiler';
import { JobFailure } from './job';
import type { JobStorage } from './s3-uri';
import { s3Child } from './s3-uri';
import type { PackagingRequest } from './types';

const MANIFEST: ManifestFileName = 'sagemaker_edge_manifest';
const MODEL_FILE = 'model.onnx';

/**
 * The work of a packaging job: the compiled files and a manifest, in one archive. Returns where it is. Nothing is signed.
 * ONNX Runtime's optimised model keeps the dimensions that the model leaves open, so the manifest has the job's shapes.
 * What the retired service wrote there about shapes is not known: the agent works without.
 */
export async function packageModel(
  request: PackagingRequest, { uri, shapes }: Pick<CompiledModel, 'uri' | 'shapes'>, storage: JobStorage, signal: AbortSignal,
): Promise<string> {
  const { ModelName, ModelVersion, OutputConfig } = request;
  const compiled = await unpack(await storage.read(uri), uri);
  const manifest: ModelManifest = {
    metadata: { model_name: ModelName, model_version: ModelVersion, runtime: 'ONNX' },
    model_file: MODEL_FILE,
    inputs: Object.entries(shapes).map(([name, shape]) => ({ name, shape })),
    files: [...compiled].map(([path, content]) => ({ path, size: content.length, sha256: sha256(content) })),
  };
  const archive = await tar(new Map([...compiled, [MANIFEST, Buffer.from(`${JSON.stringify(manifest, undefined, 2)}\n`)]]));
  const place = s3Child(OutputConfig.S3OutputLocation, `${ModelName}-${ModelVersion}.tar.gz`);
  signal.throwIfAborted();
  await storage.write(place, archive, OutputConfig.KmsKeyId);
  return place.uri;
}

async function unpack(archive: Buffer, uri: string): Promise<Files> {
  const files = await untar(archive).catch((error: unknown) => {
    throw new JobFailure(`ClientError: Unable to untar the compiled model ${uri}`, { cause: error });
  });
  if (!files.has(MODEL_FILE)) {
    throw new JobFailure(`ClientError: ${uri} is not what the compilation job left there: it has no ${MODEL_FILE}`);
  }
  return files;
}
