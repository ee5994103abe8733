import type { aws_kms as kms, Duration, IResource } from 'aws-cdk-lib';
import { aws_s3 as s3, RemovalPolicy, Resource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { KEEP_OBJECTS, ownBucket } from '../private/own-bucket';
import type { TextRule } from '../private/validation';
import { validateText, ValidationError } from '../private/validation';
import { CaptureBucketGrants } from './capture-bucket-grants';

const DEFAULT_PREFIX = 'captures';

/** No character that IAM would read as a wildcard or a variable. */
const PREFIX: TextRule = {
  min: 1, max: 512, pattern: /^[a-zA-Z0-9!_.'()-]+(\/[a-zA-Z0-9!_.'()-]+)*$/,
  wanted: "path segments of letters, digits and ! _ . ' ( ) -, with a slash between and at neither end",
};

/** A bucket that devices write captures to. */
export interface ICaptureBucket extends IResource {
  /** The bucket itself. */
  readonly bucket: s3.IBucket;

  /** The prefix of all captures, without a slash at its end. */
  readonly capturePrefix: string;

  /** The `s3://` URI of all captures, without a slash at its end. */
  readonly captureUri: string;

  /**
   * Returns the prefix of one device's captures, without a slash at its end. Below it the agent writes to
   * `<fleet>/<model>/<year>/<month>/<day>/<hour>/`.
   */
  devicePrefix(deviceName: string): string;
}

/** Attributes of an existing capture bucket. */
export interface CaptureBucketAttributes {
  /** The bucket. Grants include its encryption key only where the key is known here. */
  readonly bucket: s3.IBucket;

  /**
   * The prefix of all captures, without a slash at its end.
   *
   * @default 'captures'
   */
  readonly capturePrefix?: string;
}

/** When captures are deleted or moved to another storage class. */
export interface CaptureLifecycle {
  /**
   * The time from the upload of a capture to its deletion, in whole days.
   *
   * @default - captures are kept
   */
  readonly expiration?: Duration;

  /**
   * Transitions to other storage classes.
   *
   * @default - captures stay in the class that they were written in
   */
  readonly transitions?: s3.Transition[];
}

/** Properties of a `CaptureBucket`. */
export interface CaptureBucketProps {
  /**
   * The name of the bucket. It must contain `sagemaker` only where a fleet uses AWS's managed policy for its devices.
   *
   * @default - CloudFormation generates one
   */
  readonly bucketName?: string;

  /**
   * The prefix of all captures, without a slash at its end.
   *
   * @default 'captures'
   */
  readonly capturePrefix?: string;

  /**
   * The KMS key that encrypts the bucket. Devices may generate data keys with it.
   *
   * @default - S3 encrypts with its own keys (SSE-S3)
   */
  readonly encryptionKey?: kms.IKey;

  /**
   * When captures are deleted or moved. Other objects of the bucket are left alone.
   *
   * @default - captures are kept where they are
   */
  readonly lifecycle?: CaptureLifecycle;

  /**
   * What happens to the bucket when it is removed from the stack. `DESTROY` also deletes its objects.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

abstract class CaptureBucketBase extends Resource implements ICaptureBucket {
  public abstract readonly bucket: s3.IBucket;
  public abstract readonly capturePrefix: string;

  /** Grant methods for this bucket. */
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
 * Defines a bucket for what devices capture. It is private, encrypted, and accepts TLS alone.
 */
export class CaptureBucket extends CaptureBucketBase {
  /** Import an existing bucket with captures under `captures/`. */
  public static fromBucketName(scope: Construct, id: string, bucketName: string): ICaptureBucket {
    return CaptureBucket.fromNested(scope, id, (owner) => s3.Bucket.fromBucketName(owner, 'Bucket', bucketName));
  }

  /** Import an existing bucket with captures under `captures/`. */
  public static fromBucketArn(scope: Construct, id: string, bucketArn: string): ICaptureBucket {
    return CaptureBucket.fromNested(scope, id, (owner) => s3.Bucket.fromBucketArn(owner, 'Bucket', bucketArn));
  }

  /** Import an existing bucket, or use one of this app that is not a `CaptureBucket`. */
  public static fromCaptureBucketAttributes(scope: Construct, id: string, attrs: CaptureBucketAttributes): ICaptureBucket {
    return CaptureBucket.fromNested(scope, id, () => attrs.bucket, attrs.capturePrefix);
  }

  private static fromNested(
    scope: Construct, id: string, bucket: (owner: Construct) => s3.IBucket, prefix = DEFAULT_PREFIX,
  ): ICaptureBucket {
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
    this.bucket = ownBucket(this, 'Bucket', {
      bucketName: props.bucketName,
      encryption: props.encryptionKey ? s3.BucketEncryption.KMS : s3.BucketEncryption.S3_MANAGED,
      encryptionKey: props.encryptionKey,
      bucketKeyEnabled: props.encryptionKey ? true : undefined,
      lifecycleRules: this.renderLifecycle(props.lifecycle),
      removalPolicy,
    }, KEEP_OBJECTS);
    this.node.defaultChild = this.bucket.node.defaultChild;
  }

  private renderLifecycle(lifecycle: CaptureLifecycle = {}): s3.LifecycleRule[] | undefined {
    const { expiration, transitions = [] } = lifecycle;
    if (expiration === undefined && transitions.length === 0) {
      return undefined;
    }
    if (expiration && !expiration.isUnresolved()) {
      const days = expiration.toDays({ integral: false });
      if (!Number.isInteger(days) || days < 1) {
        throw new ValidationError(this, `lifecycle.expiration must be a whole number of days, at least 1, got ${expiration.toString()}`);
      }
    }
    return [{ id: 'captures', prefix: `${this.capturePrefix}/`, expiration, transitions: lifecycle.transitions }];
  }
}
