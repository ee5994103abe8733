import type { aws_kms as kms, Duration, IResource } from 'aws-cdk-lib';
import { aws_s3 as s3, RemovalPolicy, Resource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { TextRule } from '../private/validation';
import { validateText, ValidationError } from '../private/validation';
import { CaptureBucketGrants } from './capture-bucket-grants';

const DEFAULT_PREFIX = 'captures';

/** No character that IAM would read as a wildcard or a variable. */
const PREFIX: TextRule = {
  min: 1, max: 512, pattern: /^[a-zA-Z0-9!_.'()-]+(\/[a-zA-Z0-9!_.'()-]+)*$/,
  wanted: "path segments of letters, digits and ! _ . ' ( ) -, with a slash between and at neither end",
};

/** A bucket that takes what devices capture. */
export interface ICaptureBucket extends IResource {
  /** The bucket itself. */
  readonly bucket: s3.IBucket;

  /** The folder of all captures, without a slash at its end. */
  readonly capturePrefix: string;

  /** Where all captures are: an `s3://` URI without a slash at its end. */
  readonly captureUri: string;

  /**
   * The folder of one device, without a slash at its end. The agent writes below it
   * `<fleet>/<model>/<year>/<month>/<day>/<hour>/`.
   */
  devicePrefix(deviceName: string): string;
}

/** A capture bucket made elsewhere. */
export interface CaptureBucketAttributes {
  /** The bucket. Its encryption key, where it has one, should be known, or grants cannot include it. */
  readonly bucket: s3.IBucket;

  /**
   * The folder of all captures, without a slash at its end.
   *
   * @default 'captures'
   */
  readonly capturePrefix?: string;
}

/** When captures are thrown away or moved to cheaper storage. */
export interface CaptureLifecycle {
  /**
   * How long after its upload a capture is deleted: whole days.
   *
   * @default - captures are kept
   */
  readonly expiration?: Duration;

  /**
   * Moves to other storage classes.
   *
   * @default - captures stay in the class that they were written in
   */
  readonly transitions?: s3.Transition[];
}

/** Properties of a `CaptureBucket`. */
export interface CaptureBucketProps {
  /**
   * The name. It must contain `sagemaker` only where a fleet uses AWS's managed policy for its devices.
   *
   * @default - CloudFormation generates one
   */
  readonly bucketName?: string;

  /**
   * The folder of all captures, without a slash at its end.
   *
   * @default 'captures'
   */
  readonly capturePrefix?: string;

  /**
   * The KMS key that encrypts the bucket. Devices get the right to make data keys of it.
   *
   * @default - S3 encrypts with keys of its own
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * When captures are thrown away or moved; other objects of the bucket are left alone.
   *
   * @default - captures are kept where they are
   */
  readonly lifecycle?: CaptureLifecycle;

  /**
   * What happens to the bucket when it leaves the stack. `DESTROY` empties it too.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

abstract class CaptureBucketBase extends Resource implements ICaptureBucket {
  public abstract readonly bucket: s3.IBucket;
  public abstract readonly capturePrefix: string;

  /** Grants on this bucket. */
  public get grants(): CaptureBucketGrants {
    return CaptureBucketGrants.fromCaptureBucket(this);
  }

  public get captureUri(): string {
    return this.bucket.s3UrlForObject(this.capturePrefix);
  }

  public devicePrefix(deviceName: string): string {
    return `${this.capturePrefix}/${deviceName}`;
  }
}

/**
 * Defines a bucket for what devices capture: private, encrypted, reached over TLS alone.
 */
export class CaptureBucket extends CaptureBucketBase {
  /** A bucket made elsewhere, with captures under `captures/`. */
  public static fromBucketName(scope: Construct, id: string, bucketName: string): ICaptureBucket {
    return CaptureBucket.fromNested(scope, id, (owner) => s3.Bucket.fromBucketName(owner, 'Bucket', bucketName));
  }

  /** A bucket made elsewhere, with captures under `captures/`. */
  public static fromBucketArn(scope: Construct, id: string, bucketArn: string): ICaptureBucket {
    return CaptureBucket.fromNested(scope, id, (owner) => s3.Bucket.fromBucketArn(owner, 'Bucket', bucketArn));
  }

  /** A bucket made elsewhere, or in this app without this class. */
  public static fromCaptureBucketAttributes(scope: Construct, id: string, attrs: CaptureBucketAttributes): ICaptureBucket {
    return CaptureBucket.fromNested(scope, id, () => attrs.bucket, attrs.capturePrefix);
  }

  private static fromNested(scope: Construct, id: string, bucket: (owner: Construct) => s3.IBucket, prefix = DEFAULT_PREFIX): ICaptureBucket {
    validateText(scope, 'capturePrefix', prefix, PREFIX);
    class Import extends CaptureBucketBase {
      public readonly capturePrefix = prefix;
      public readonly bucket = bucket(this);
    }
    return new Import(scope, id);
  }

  public readonly bucket: s3.IBucket;
  public readonly capturePrefix: string;

  public constructor(scope: Construct, id: string, props: CaptureBucketProps = {}) {
    super(scope, id);
    this.capturePrefix = props.capturePrefix ?? DEFAULT_PREFIX;
    validateText(this, 'capturePrefix', this.capturePrefix, PREFIX);
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    this.bucket = new s3.Bucket(this, 'Bucket', {
      bucketName: props.bucketName,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      encryption: props.encryptionKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
      encryptionKey: props.encryptionKey,
      bucketKeyEnabled: props.encryptionKey ? true : undefined,
      lifecycleRules: this.renderLifecycle(props.lifecycle),
      removalPolicy,
      autoDeleteObjects: removalPolicy === RemovalPolicy.DESTROY,
    });
    this.node.defaultChild = this.bucket.node.defaultChild;
  }

  private renderLifecycle(lifecycle: CaptureLifecycle = {}): s3.LifecycleRule[] | undefined {
    const { expiration, transitions = [] } = lifecycle;
    if (expiration === undefined && transitions.length === 0) { return undefined; }
    if (expiration && !expiration.isUnresolved()) {
      const days = expiration.toDays({ integral: false });
      if (!Number.isInteger(days) || days < 1) {
        throw new ValidationError(this, `lifecycle.expiration must be a whole number of days, at least 1, got ${expiration.toString()}`);
      }
    }
    return [{ id: 'captures', prefix: `${this.capturePrefix}/`, expiration, transitions: lifecycle.transitions }];
  }
}
