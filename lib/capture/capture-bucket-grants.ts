import { aws_iam as iam } from 'aws-cdk-lib';
import type { ICaptureBucket } from './capture-bucket';

/** What the credential provider fills in with the name of the thing that asks. */
const THING_NAME_VARIABLE = '${credentials-iot:ThingName}';

/** Grants on a `CaptureBucket`. */
export class CaptureBucketGrants {
  /** Grants on this bucket. */
  public static fromCaptureBucket(captureBucket: ICaptureBucket): CaptureBucketGrants {
    return new CaptureBucketGrants(captureBucket);
  }

  private constructor(private readonly captureBucket: ICaptureBucket) {}

  /**
   * A role that devices assume through a role alias may write captures, each device under its own prefix alone, and ask
   * where the bucket is. Without the thing's name in its request for credentials a device may write nowhere.
   */
  public deviceWrite(grantee: iam.IGrantable): iam.Grant {
    return this.grantWrite(grantee, THING_NAME_VARIABLE);
  }

  /** May write captures of this one device, without a role alias (a test, a replay). */
  public write(grantee: iam.IGrantable, deviceName: string): iam.Grant {
    return this.grantWrite(grantee, deviceName);
  }

  /** May list and read all captures, and nothing else that the bucket holds. */
  public read(grantee: iam.IGrantable): iam.Grant {
    return this.grantRead(grantee, this.captureBucket.capturePrefix);
  }

  /** May list and read the captures of one device. */
  public readDevice(grantee: iam.IGrantable, deviceName: string): iam.Grant {
    return this.grantRead(grantee, this.captureBucket.devicePrefix(deviceName));
  }

  private grantWrite(grantee: iam.IGrantable, thingName: string): iam.Grant {
    const { bucket } = this.captureBucket;
    const put = iam.Grant.addToPrincipal({
      grantee, actions: ['s3:PutObject'], resourceArns: [bucket.arnForObjects(`${this.captureBucket.devicePrefix(thingName)}/*`)],
    });
    const locate = iam.Grant.addToPrincipal({ grantee, actions: ['s3:GetBucketLocation'], resourceArns: [bucket.bucketArn] });
    const key = bucket.encryptionKey?.grant(grantee, 'kms:GenerateDataKey');
    return key ? put.combine(locate).combine(key) : put.combine(locate);
  }

  private grantRead(grantee: iam.IGrantable, prefix: string): iam.Grant {
    const { bucket } = this.captureBucket;
    const get = iam.Grant.addToPrincipal({ grantee, actions: ['s3:GetObject'], resourceArns: [bucket.arnForObjects(`${prefix}/*`)] });
    const list = iam.Grant.addToPrincipal({
      grantee, actions: ['s3:ListBucket'], resourceArns: [bucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': `${prefix}/*` } },
    });
    const key = bucket.encryptionKey?.grant(grantee, 'kms:Decrypt');
    return key ? get.combine(list).combine(key) : get.combine(list);
  }
}
