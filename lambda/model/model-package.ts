import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import type { ModelPackageAttributes } from '../../lib/model/private/package-contract';
import { deletingObject, isAccessDenied, isTransient, serviceError } from '../shared/errors';
import type { PollEvent } from '../shared/events';
import { log } from '../shared/log';
import type { PropertyReader } from '../shared/properties';
import { done, type Outcome } from '../shared/resource-handler';
import { RevertingHandler, type RevertingStarted } from '../shared/reverting-handler';
import { areRightsSpreading } from '../shared/rights';
import type { Dependencies, ObjectStream } from './dependencies';
import { PHASE_MS, WORK_MS } from './limits';
import { completeFiles, packageBytes } from './package-files';
import { parsePackageRequest, type PackageRequest } from './parse';
import { ModelProblem } from './problem';
import { storeFiles, tooLarge, type StoredFile } from './source-files';
import { upload } from './upload';

/** How long faults of S3 are ridden out. */
const RETRY_MS = 300_000;

/** A package that is served. */
interface Package {
  readonly digest: string;
  readonly size: number;
}

/**
 * Packages a model that lies in S3.
 *
 * Each set of properties has a folder of its own, which holds the package under its digest, and a mark that it is served. A rollback
 * finds the mark of what was before and takes that package as it is: the source may have changed since, or be gone. A package that
 * is retained loses its mark, so that a later deployment with the same properties packages anew.
 */
export class ModelPackageHandler extends RevertingHandler<PackageRequest> {
  protected override readonly longestMs = PHASE_MS;

  public constructor(private readonly dependencies: Dependencies) {
    super(dependencies);
  }

  public override isRetryable(error: unknown, event: PollEvent): boolean {
    const elapsed = this.dependencies.now() - event.Since;
    const cause = error instanceof ModelProblem ? error.cause : error;
    return areRightsSpreading(cause, elapsed) || (isTransient(cause) && elapsed < RETRY_MS);
  }

  protected parse(properties: PropertyReader): PackageRequest {
    return parsePackageRequest(properties);
  }

  protected id(request: PackageRequest): string {
    return `${request.bucket}/${folderOf(request)}`;
  }

  protected async apply(request: PackageRequest, event: PollEvent<RevertingStarted>): Promise<Outcome> {
    const old = event.OldResourceProperties && this.read(event.OldResourceProperties);
    if (old !== undefined && event.RevertsUnanswered === true && this.id(old) !== this.id(request)) {
      await this.remove(old);
    }
    const served = event.RequestType === 'Update' ? await this.served(request) : undefined;
    const { digest, size } = served ?? await this.make(request);
    const attributes: ModelPackageAttributes = { Uri: `s3://${request.bucket}/${packageKey(request, digest)}`, Digest: digest, Size: String(size) };
    return done({ ...attributes });
  }

  /** A package that is retained stays without its mark. */
  protected async remove(request: PackageRequest): Promise<Outcome> {
    for (const { key } of await this.list(request)) {
      if (!request.retain || !key.endsWith('.tar.gz')) {
        await deletingObject(() => this.dependencies.objects.deleteObject({ Bucket: request.bucket, Key: key }));
      }
    }
    return done();
  }

  /** The package with a mark. */
  private async served(request: PackageRequest): Promise<Package | undefined> {
    const objects = await this.list(request);
    return objects
      .filter(({ key }) => objects.some((mark) => mark.key === key.replace(/\.tar\.gz$/, '.served')) && key.endsWith('.tar.gz'))
      .map(({ key, size }) => ({ digest: key.slice(folderOf(request).length + 1, -'.tar.gz'.length), size }))
      .at(0);
  }

  private async list(request: PackageRequest): Promise<{ key: string; size: number }[]> {
    try {
      const { Contents = [] } = await this.dependencies.objects.listObjects({ Bucket: request.bucket, Prefix: `${folderOf(request)}/` });
      return Contents.map(({ Key = '', Size = 0 }) => ({ key: Key, size: Size }));
    } catch (error) {
      if (serviceError(error).name === 'NoSuchBucket') {
        return [];
      }
      throw error;
    }
  }

  private async make(request: PackageRequest): Promise<Package> {
    const { scratch } = this.dependencies;
    await rm(scratch, { recursive: true, force: true }); // of an invocation that was ended
    await mkdir(scratch, { recursive: true });
    try {
      return await this.pack(request, this.dependencies.now() + WORK_MS);
    } finally {
      await rm(scratch, { recursive: true, force: true });
    }
  }

  private async pack(request: PackageRequest, until: number): Promise<Package> {
    const { objects, scratch, maxBytes, partBytes } = this.dependencies;
    const name = request.source.key;
    if (!/\.(onnx|tar\.gz|tgz)$/.test(name)) {
      throw new ModelProblem(`the key of a model must end with .onnx, .tar.gz or .tgz, got '${name}'`);
    }
    const { body, size: sourceSize } = await this.open(request);
    const disk = { folder: scratch, maxBytes };
    if (sourceSize > maxBytes) {
      throw tooLarge(name, disk, `${sourceSize} bytes`);
    }
    const stored = await storeFiles(this.within(until, body, name), name, disk);
    const files = await completeFiles(stored, request, scratch);
    const made = await this.digestOf(files, until, name);
    const place = { Bucket: request.bucket, Key: packageKey(request, made.digest) };
    await upload(objects, place, this.within(until, packageBytes(files), name), made.size, partBytes);
    await objects.putObject({ Bucket: request.bucket, Key: `${folderOf(request)}/${made.digest}.served`, Body: '' });
    log('packaged', { bucket: place.Bucket, key: place.Key, bytes: made.size, files: files.length });
    return made;
  }

  private async open({ source: { bucket, key, version } }: PackageRequest): Promise<ObjectStream> {
    const what = `s3://${bucket}/${key}${version === undefined ? '' : `, version ${version}`}`;
    try {
      return await this.dependencies.objects.getObject({ Bucket: bucket, Key: key, VersionId: version });
    } catch (error) {
      const { name, message } = serviceError(error);
      if (name === 'NoSuchKey' || name === 'NoSuchBucket' || name === 'NoSuchVersion' || name === 'NotFound') {
        throw new ModelProblem(`there is no model at ${what} (${name}): upload it first, or give another key or objectVersion`, { cause: error });
      }
      if (isAccessDenied(error)) {
        throw new ModelProblem(`the model at ${what} may not be read: ${message}. S3 says the same where there is no such object. `
          + 'Look at the key, at the policy of the bucket, and give encryptionKey if a key of KMS encrypts it', { cause: error });
      }
      throw error;
    }
  }

  private async digestOf(files: readonly StoredFile[], until: number, name: string): Promise<Package> {
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of this.within(until, packageBytes(files), name)) {
      hash.update(chunk);
      size += chunk.length;
    }
    return { digest: hash.digest('hex'), size };
  }

  /** Ends in words before Lambda ends the function without any. */
  private async* within<T>(until: number, chunks: Iterable<T> | AsyncIterable<T>, name: string): AsyncGenerator<T> {
    for await (const chunk of chunks) {
      if (this.dependencies.now() >= until) {
        throw new ModelProblem(`${name} was not packaged within ${WORK_MS / 60_000} minutes: package it yourself, and import it by `
          + 'OnnxModel.fromOnnxModelAttributes');
      }
      yield chunk;
    }
  }
}

/** All properties that the package depends on decide the folder. */
function folderOf({ prefix, source, modelName, modelVersion, inputs }: PackageRequest): string {
  const identity = JSON.stringify([source.bucket, source.key, source.version, modelName, modelVersion, inputs]);
  return `${prefix}/${createHash('sha256').update(identity).digest('hex').slice(0, 16)}`;
}

function packageKey(request: PackageRequest, digest: string): string {
  return `${folderOf(request)}/${digest}.tar.gz`;
}
