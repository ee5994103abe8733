import type { aws_s3 as s3 } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { BoundArtifact } from './private/artifact';
import { ARTIFACT_NAME, artifactName, assetArtifact, objectArtifact } from './private/artifact';
import { validateText } from '../private/validation';

/** Who may read or execute a file on the device. */
export enum ArtifactAccess {
  /** Root alone; for execution, nobody. */
  NONE = 'NONE',
  /** The user that the component runs as. */
  OWNER = 'OWNER',
  /** Everybody: wanted where another component reads the file. */
  ALL = 'ALL',
}

/** Options of an artefact. */
export interface ComponentArtifactOptions {
  /**
   * The name on the device, without `.zip`: what a folder or a zip holds is found under `{artifacts:decompressedPath}/<name>/`, another file as
   * `{artifacts:path}/<name>`.
   *
   * @default - the name of the file or folder
   */
  readonly name?: string;

  /**
   * Who may read the files.
   *
   * @default ArtifactAccess.OWNER
   */
  readonly readableBy?: ArtifactAccess;

  /**
   * Who may execute the files. The execute bits of a zip are lost otherwise.
   *
   * @default ArtifactAccess.NONE
   */
  readonly executableBy?: ArtifactAccess;
}

/** Options of an artefact in a bucket. */
export interface BucketArtifactOptions extends ComponentArtifactOptions {
  /**
   * The version of the object.
   *
   * @default - a changed object under the same key is not noticed, and is no new version of the component
   */
  readonly objectVersion?: string;
}

/**
 * A file, or an archive to unpack, that a component brings to the device. It is copied into the component's bucket under
 * `<component>/<version>/<name>` before the component is made.
 */
export abstract class ComponentArtifact {
  /**
   * A file or a folder on the disk of whoever synthesizes. A folder, and a file that ends with `.zip`, is unpacked on the device. A folder must hold no
   * symbolic link.
   *
   * @param path relative to the working directory
   */
  public static fromAsset(path: string, options: ComponentArtifactOptions = {}): ComponentArtifact {
    return new AssetArtifact(path, options);
  }

  /**
   * An object in S3, at most 5 GB. One that ends with `.zip` is unpacked on the device.
   *
   * @param bucket its bucket
   * @param key its key
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
