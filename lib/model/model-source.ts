import { Stack, Token, type aws_iam as iam, type aws_kms as kms, type aws_s3 as s3 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ArchiveAsset } from './private/archive-asset';
import { readModelFiles } from './private/model-files';
import type { ModelSourceConfig } from './private/neo-request';
import type { ArchiveFile } from '../private/archive/archive-file';
import { objectReadGrant } from '../private/object-read-grant';
import { validateText, ValidationError } from '../private/validation';
import type { CompilationTarget } from './compilation-target';
import type { Framework } from './framework';

/** Options of a model in a bucket. */
export interface BucketModelOptions {
  /**
   * Version of the object. A new version is a new job. Neo itself always reads the object's current version, so give that one.
   * @default - a changed object under the same key is not noticed, and nothing is done again for it
   */
  readonly objectVersion?: string;

  /**
   * The KMS key that encrypts the object, if the bucket does not know it: an imported bucket, for example.
   * @default - the encryption key of the bucket, where it has one
   */
  readonly encryptionKey?: kms.IKeyRef;
}

/** Where a trained model comes from. */
export abstract class ModelSource {
  /**
   * A model on the disk of whoever synthesizes.
   *
   * A file or a folder is packed into a tar.gz in the layout that the framework wants: files that the framework does not
   * know are left out, and so
   * are those whose name begins with a dot. The same files give the same archive, byte for byte, on each machine. A model that is already a
   * `.tar.gz` or `.tgz` is checked, and uploaded as it is.
   *
   * @param path a file, a folder or an archive; relative to the working directory. At most 2 GiB.
   */
  public static fromAsset(path: string): ModelSource {
    return new AssetModelSource(path);
  }

  /**
   * A model archive in S3. It cannot be looked into at synth, so the compiler is the first that checks it.
   * A changed object is noticed only if `objectVersion` changes as well.
   *
   * @param bucket its bucket, in the region of the stack
   * @param key its key, which ends with `.tar.gz`
   */
  public static fromBucket(bucket: s3.IBucket, key: string, options: BucketModelOptions = {}): ModelSource {
    return new BucketModelSource(bucket, key, options);
  }

  /** The archive that a job of this construct reads. Call it once a construct.
   * @internal */
  public abstract _bind(scope: Construct, framework: Framework, target?: CompilationTarget): ModelSourceConfig;

  /** The model's files; undefined where they are not at hand at synth.
   * @internal */
  public abstract _files(scope: Construct): ArchiveFile[] | undefined;
}

class AssetModelSource extends ModelSource {
  public constructor(private readonly path: string) {
    super();
  }

  public _bind(scope: Construct, framework: Framework, target?: CompilationTarget): ModelSourceConfig {
    const model = readModelFiles(scope, this.path);
    const picked = framework._pickFiles(scope, model.files, target);
    const { bucket, objectKey, s3Uri, sha256 } = new ArchiveAsset(scope, 'ModelArchive', model.archive ?? picked);
    return {
      bucket,
      objectKey,
      s3Uri,
      fingerprint: sha256,
      grantRead: (grantee) => objectReadGrant(grantee, bucket, bucket.arnForObjects(objectKey)),
    };
  }

  public _files(scope: Construct): ArchiveFile[] {
    return readModelFiles(scope, this.path).files;
  }
}

class BucketModelSource extends ModelSource {
  public constructor(private readonly bucket: s3.IBucket, private readonly key: string, private readonly options: BucketModelOptions) {
    super();
  }

  public _bind(scope: Construct): ModelSourceConfig {
    const { bucket, key, options } = this;
    const { encryptionKey, objectVersion } = options;
    validateText(scope, 'key of a model archive', key, {
      min: 8, max: 1024, pattern: /^[^/].*\.tar\.gz$/, wanted: "a key that ends with '.tar.gz' and does not begin with '/'",
    });
    validateText(scope, 'objectVersion', objectVersion, { min: 1, max: 1024 });
    this.checkRegion(scope);
    const s3Uri = bucket.s3UrlForObject(key);
    validateText(scope, 'S3 URI of a model archive', s3Uri, { max: 1024 });
    return {
      bucket,
      objectKey: key,
      s3Uri,
      objectVersion,
      grantRead: (grantee: iam.IGrantable) => objectReadGrant(grantee, bucket, bucket.arnForObjects(key), { encryptionKey }),
    };
  }

  public _files(): undefined {
    return undefined;
  }

  /** Neo refuses a bucket of another region. */
  private checkRegion(scope: Construct): void {
    const got = this.bucket.env.region;
    const wanted = Stack.of(scope).region;
    if (!Token.isUnresolved(got) && !Token.isUnresolved(wanted) && got !== wanted) {
      throw new ValidationError(scope, `bucket of a model must be in the region of its job, ${wanted}, got ${got}`);
    }
  }
}
