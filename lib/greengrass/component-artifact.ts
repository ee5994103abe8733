import type { aws_s3 as s3 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { BoundArtifact } from './private/artifact';
import { ARTIFACT_NAME, artifactName, assetArtifact, objectArtifact } from './private/artifact';
import { validateText } from '../private/validation';

/** The users that may read or execute an artifact on the device. */
export enum ArtifactAccess {
  /** Only root may read. Nobody may execute. */
  NONE = 'NONE',
  /** The user that the component runs as. */
  OWNER = 'OWNER',
  /** All users. Use it where another component reads the file. */
  ALL = 'ALL',
}

/** Options of an artifact. */
export interface ComponentArtifactOptions {
  /**
   * The name of the artifact on the device, without `.zip`. The files of a folder or a zip are under
   * `{artifacts:decompressedPath}/<name>/`. Another file is `{artifacts:path}/<name>`.
   *
   * @default - the name of the file or folder
   */
  readonly name?: string;

  /**
   * The users that may read the files.
   *
   * @default ArtifactAccess.OWNER
   */
  readonly readableBy?: ArtifactAccess;

  /**
   * The users that may execute the files. The nucleus ignores the execute bits of a zip.
   *
   * @default ArtifactAccess.NONE
   */
  readonly executableBy?: ArtifactAccess;
}

/** Options of an artifact in a bucket. */
export interface BucketArtifactOptions extends ComponentArtifactOptions {
  /**
   * The version of the object.
   *
   * @default - the current version. A changed object under the same key is not noticed, and does not create a new component version
   */
  readonly objectVersion?: string;
}

/**
 * An artifact of a component: a file, or an archive that the device unpacks. It is copied into the bucket of the component, under
 * `<component>/<version>/<name>`, before the component version is created.
 */
export abstract class ComponentArtifact {
  /**
   * Use a local file or folder. A folder, and a file whose name ends with `.zip`, is unpacked on the device. A folder
   * must not contain symbolic links.
   *
   * @param path the path of the file or folder, relative to the working directory
   * @param options the name and the permissions on the device
   */
  public static fromAsset(path: string, options: ComponentArtifactOptions = {}): ComponentArtifact {
    return new AssetArtifact(path, options);
  }

  /**
   * Use an existing S3 object of at most 5 GB. An object whose key ends with `.zip` is unpacked on the device.
   *
   * @param bucket the bucket of the object
   * @param key the key of the object
   * @param options the version of the object, and the name and the permissions on the device
   */
  public static fromBucket(bucket: s3.IBucket, key: string, options: BucketArtifactOptions = {}): ComponentArtifact {
    return new BucketArtifact(bucket, key, options);
  }

  /** Where the bytes are, and what the recipe says of them.
   * @internal */
  public abstract _bind(scope: Construct, id: string): BoundArtifact;
}

class AssetArtifact extends ComponentArtifact {
  public constructor(private readonly path: string, private readonly options: ComponentArtifactOptions) {
    super();
  }

  public _bind(scope: Construct, id: string): BoundArtifact {
    const { fileName, archive } = artifactName(scope, this.path, this.options.name);
    return assetArtifact(scope, id, this.path, { fileName, unarchive: archive, ...permission(this.options) });
  }
}

class BucketArtifact extends ComponentArtifact {
  public constructor(private readonly bucket: s3.IBucket, private readonly key: string, private readonly options: BucketArtifactOptions) {
    super();
  }

  public _bind(scope: Construct): BoundArtifact {
    const archive = this.key.endsWith('.zip');
    const name = this.options.name ?? this.key.slice(this.key.lastIndexOf('/') + 1).replace(/\.zip$/, '');
    validateText(scope, 'name of an artifact', name, ARTIFACT_NAME);
    const traits = { fileName: archive ? `${name}.zip` : name, unarchive: archive, ...permission(this.options) };
    return objectArtifact(this.bucket, this.key, `${this.bucket.node.path}/${this.key}`, traits, this.options.objectVersion);
  }
}

function permission({ readableBy, executableBy }: ComponentArtifactOptions): Pick<BoundArtifact, 'read' | 'execute'> {
  return { read: readableBy ?? ArtifactAccess.OWNER, execute: executableBy ?? ArtifactAccess.NONE };
}
