import { aws_iam as iam } from 'aws-cdk-lib';
import type { ICaptureBucket } from './capture-bucket';
import { acknowledgeGranted } from '../private/nag/acknowledge';

/** What the credential provider fills in with the name of the thing that asks. */
const THING_NAME_VARIABLE = '${credentials-iot:ThingName}';

/** Collection of grant methods for a `CaptureBucket`. */
export class CaptureBucketGrants {
  /** Creates the grants of a capture bucket. */
  public static fromCaptureBucket(captureBucket: ICaptureBucket): CaptureBucketGrants {
    return new CaptureBucketGrants(captureBucket);
  }

  private constructor(private readonly captureBucket: ICaptureBucket) {}

  /**
   * Grant write access to a role that devices assume through a role alias. Each device may write captures under its own prefix alone,
   * and look up the location of the bucket. A device whose request for credentials lacks the thing's name may write nothing.
   */
  public deviceWrite(grantee: iam.IGrantable): iam.Grant {
    return this.grantWrite(grantee, THING_NAME_VARIABLE);
  }

  /** Grant write access for the captures of one device to a principal without a role alias, as in a test or a replay. */
  public write(grantee: iam.IGrantable, deviceName: string): iam.Grant {
    return this.grantWrite(grantee, deviceName);
  }

  /** Grant list and read access to all captures, and to nothing else in the bucket. */
  public read(grantee: iam.IGrantable): iam.Grant {
    return this.grantRead(grantee, this.captureBucket.capturePrefix);
  }

  /** Grant list and read access to the captures of one device. */
  public readDevice(grantee: iam.IGrantable, deviceName: string): iam.Grant {
    return this.grantRead(grantee, this.captureBucket.devicePrefix(deviceName));
  }

  private grantWrite(grantee: iam.IGrantable, thingName: string): iam.Grant {
    const { bucket } = this.captureBucket;
    const captures = bucket.arnForObjects(`${this.captureBucket.devicePrefix(thingName)}/*`);
    const put = iam.Grant.addToPrincipal({ grantee, actions: ['s3:PutObject'], resourceArns: [captures] });
    acknowledgeGranted(grantee, 'the captures of one device: for a role alias, IAM fills in the name of the thing', captures);
    const locate = iam.Grant.addToPrincipal({ grantee, actions: ['s3:GetBucketLocation'], resourceArns: [bucket.bucketArn] });
    const key = bucket.encryptionKey?.grant(grantee, 'kms:GenerateDataKey');
    return key ? put.combine(locate).combine(key) : put.combine(locate);
  }

  private grantRead(grantee: iam.IGrantable, prefix: string): iam.Grant {
    const { bucket } = this.captureBucket;
    const captures = bucket.arnForObjects(`${prefix}/*`);
    const get = iam.Grant.addToPrincipal({ grantee, actions: ['s3:GetObject'], resourceArns: [captures] });
    acknowledgeGranted(grantee, 'reads captures, of all devices or of one', captures);
    const list = iam.Grant.addToPrincipal({
      grantee, actions: ['s3:ListBucket'], resourceArns: [bucket.bucketArn],
      conditions: { StringLike: { 's3:prefix': `${prefix}/*` } },
    });
    const key = bucket.encryptionKey?.grant(grantee, 'kms:Decrypt');
    return key ? get.combine(list).combine(key) : get.combine(list);
  }
}
