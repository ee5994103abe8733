import { Stack, Token, type aws_iam as iam, type aws_kms as kms, type aws_s3 as s3 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { ArchiveAsset } from './private/archive-asset';
import { withoutSidecars } from './private/archive-rules';
import { withModelFiles } from './private/model-files';
import type { ModelSourceConfig } from './private/neo-request';
import type { ArchiveFile } from '../private/archive/archive-file';
import { objectReadGrant } from '../private/object-read-grant';
import { validateText, ValidationError } from '../private/validation';
import type { CompilationTarget } from './compilation-target';
import type { Framework } from './framework';

/** Options of `ModelSource.fromBucket`. */
export interface BucketModelOptions {
  /**
   * The version ID of the object. A new version starts a new job. Neo always reads the current version of the object, so
   * give the ID of that version.
   * @default - a changed object under the same key is not noticed, and starts no job
   */
  readonly objectVersion?: string;

  /**
   * The KMS key that encrypts the object. Give it if the bucket construct does not know its key, for example an imported
   * bucket.
   * @default - the encryption key of the bucket, if CDK knows one
   */
  readonly encryptionKey?: kms.IKeyRef;
}

/** The source of a trained model. */
export abstract class ModelSource {
  /**
   * A model on the local disk.
   *
   * - A file or a folder is packed into a tar.gz at synthesis, in the layout that the framework expects. Files that the
   *   framework does not know are left out, and so are files whose name begins with a dot. The same files produce the
   *   same archive, byte for byte, on every machine.
   * - A model that is already a `.tar.gz` or `.tgz` is checked, and uploaded as it is. It is unpacked to the system's temporary
   *   folder for the check.
   *
   * The files may have 10,000 MiB together, and be 10,000. An `.onnx` file may have 2 GiB: larger models keep their weights beside it.
   * For an archive over 2 GiB, set `CDK_VALIDATION=false` in the environment of the synth.
   *
   * @param path a file, a folder or an archive; relative to the working directory
   */
  public static fromAsset(path: string): ModelSource {
    return new AssetModelSource(path);
  }

  /**
   * A model archive in S3.
   *
   * The archive cannot be read at synthesis, so the compiler is the first to check it. A changed object is noticed only if
   * `objectVersion` changes too.
   *
   * @param bucket the bucket of the archive, in the region of the stack
   * @param key the key of the archive; it ends with `.tar.gz`
   * @param options the version of the object and its encryption key
   */
  public static fromBucket(bucket: s3.IBucket, key: string, options: BucketModelOptions = {}): ModelSource {
    return new BucketModelSource(bucket, key, options);
  }

  /** The archive that a job of this construct reads. Call it once a construct.
   * @internal */
  public abstract _bind(scope: Construct, framework: Framework, target?: CompilationTarget): ModelSourceConfig;

  /** The files as they are, in an archive, whatever framework they are for. Call it once a construct.
   * @internal */
  public abstract _bindArchive(scope: Construct): ModelSourceConfig;

  /** Gives the model's files to `use`, and what it returns; undefined where they are not at hand at synth.
   * @internal */
  public abstract _withFiles<T>(scope: Construct, use: (files: ArchiveFile[]) => T): T | undefined;
}

class AssetModelSource extends ModelSource {
  public constructor(private readonly path: string) {
    super();
  }

  public _bind(scope: Construct, framework: Framework, target?: CompilationTarget): ModelSourceConfig {
    return withModelFiles(scope, this.path, (model) => {
      const files = model.archive ? model.files : withoutSidecars(framework.frameworkName, model.files);
      const picked = framework._pickFiles(scope, files, target);
      const inputs = framework._inputsOf(scope, picked);
      return { ...new ArchiveAsset(scope, 'ModelArchive', model.archive ?? picked).config(), ...inputs ? { inputs } : {} };
    });
  }

  public _bindArchive(scope: Construct): ModelSourceConfig {
    return withModelFiles(scope, this.path, (model) => new ArchiveAsset(scope, 'ModelArchive', model.archive ?? model.files).config());
  }

  public _withFiles<T>(scope: Construct, use: (files: ArchiveFile[]) => T): T {
    return withModelFiles(scope, this.path, ({ files }) => use(files));
  }
}

class BucketModelSource extends ModelSource {
  public constructor(private readonly bucket: s3.IBucket, private readonly key: string, private readonly options: BucketModelOptions) {
    super();
  }

  public _bind(scope: Construct): ModelSourceConfig {
    return this._bindArchive(scope);
  }

  public _bindArchive(scope: Construct): ModelSourceConfig {
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

  public _withFiles(): undefined {
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
