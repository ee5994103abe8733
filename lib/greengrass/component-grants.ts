import { aws_iam as iam } from 'aws-cdk-lib';
import type { IGreengrassComponent } from './greengrass-component';
import { acknowledgeGranted } from '../private/nag/acknowledge';

/** Grants on a Greengrass component. */
export class ComponentGrants {
  /** Create grants for a component. */
  public static fromComponent(component: IGreengrassComponent): ComponentGrants {
    return new ComponentGrants(component);
  }

  private constructor(private readonly component: IGreengrassComponent) {}

  /**
   * Grant read access to the artifacts of all versions of the component. A device that rolls back may have to download
   * an earlier version again. If the bucket is unknown, nothing is granted.
   */
  public readArtifacts(grantee: iam.IGrantable): iam.Grant {
    const { artifactBucket, componentName } = this.component;
    if (!artifactBucket) {
      return iam.Grant.drop(grantee, 'the bucket of the component is not known');
    }
    const objects = artifactBucket.arnForObjects(`${componentName}/*`);
    acknowledgeGranted(grantee, 'the artifacts of one component in all its versions: a device that rolls back downloads an earlier version', objects);
    const read = iam.Grant.addToPrincipal({ grantee, actions: ['s3:GetObject'], resourceArns: [objects] });
    // The nucleus asks for the region of the bucket first.
    const locate = iam.Grant.addToPrincipal({ grantee, actions: ['s3:GetBucketLocation'], resourceArns: [artifactBucket.bucketArn] });
    const key = artifactBucket.encryptionKey?.grant(grantee, 'kms:Decrypt');
    return key ? read.combine(locate).combine(key) : read.combine(locate);
  }
}
