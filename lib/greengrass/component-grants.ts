import { aws_iam as iam } from 'aws-cdk-lib';
import type { IGreengrassComponent } from './greengrass-component';

/** Grants on a Greengrass component. */
export class ComponentGrants {
  /** Grants on this component. */
  public static fromComponent(component: IGreengrassComponent): ComponentGrants {
    return new ComponentGrants(component);
  }

  private constructor(private readonly component: IGreengrassComponent) {}

  /**
   * May read the artefacts of the component, in all its versions: a device that goes back to an earlier version may have to fetch it again. Grants
   * nothing where the bucket is not known.
   */
  public readArtifacts(grantee: iam.IGrantable): iam.Grant {
    const { artifactBucket, componentName } = this.component;
    if (!artifactBucket) { return iam.Grant.drop(grantee, 'the bucket of the component is not known'); }
    const read = iam.Grant.addToPrincipal({ grantee, actions: ['s3:GetObject'], resourceArns: [artifactBucket.arnForObjects(`${componentName}/*`)] });
    const locate = iam.Grant.addToPrincipal({ grantee, actions: ['s3:GetBucketLocation'], resourceArns: [artifactBucket.bucketArn] }); // the nucleus asks it first
    const key = artifactBucket.encryptionKey?.grant(grantee, 'kms:Decrypt');
    return key ? read.combine(locate).combine(key) : read.combine(locate);
  }
}
