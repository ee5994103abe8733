/** The custom resource types that lambda/greengrass serves. CloudFormation allows 60 characters. */
export type ComponentArtifactsType = 'Custom::SageMakerEdge-ComponentArtifacts';
export type ThingGroupMembershipType = 'Custom::SageMakerEdge-ThingGroupMembership';
export type FleetRevisionType = 'Custom::SageMakerEdge-FleetRevision';
export type FleetRolloutType = 'Custom::SageMakerEdge-FleetRollout';

/** The tag of a retained component version, which no stack has any more. */
export type RetainedTag = 'cdk-sagemaker-edge:retained';

/** The tag of a component version that names the owner of its artifacts. */
export type OwnerTag = 'cdk-sagemaker-edge:owner';

/** The tag of a deployment that a rollout created, to redeploy after a rollback or to uninstall. It names the owner of the rollout. */
export type RolloutTag = 'cdk-sagemaker-edge:rollout';

/** The tag of a deployment that a rollout created after a rollback. It names the deployment that it copies. */
export type CopyTag = 'cdk-sagemaker-edge:copy-of';

/** The tag of a deployment with a hash of its content. */
export type RevisionTag = 'cdk-sagemaker-edge:revision';

/** Copies the artifacts of a component version into its bucket, and deletes a retained version that is in the way. */
export interface ComponentArtifactsProperties {
  readonly ComponentName: string;
  readonly ComponentVersion: string;
  /** The ARN without the version: `arn:…:components:<name>`. */
  readonly ComponentArn: string;
  /** The value of the owner tag. A version of the same name that another stack owns is left alone. */
  readonly Owner: string;
  readonly Copies: readonly ArtifactCopy[];
}

/** An object, and where to copy it. */
export interface ArtifactCopy {
  readonly SourceBucket: string;
  readonly SourceKey: string;
  readonly SourceVersion?: string;
  readonly Bucket: string;
  readonly Key: string;
}

/** The membership of a thing in a thing group, for which CloudFormation has no resource. */
export interface ThingGroupMembershipProperties {
  readonly ThingGroupName: string;
  readonly ThingName: string;
  /** 'true': the core device of Greengrass is deleted with the membership. The thing itself stays. */
  readonly DeleteCoreDevice: string;
}

/** Comes before the deployment, so that it hears of each rollback. */
export interface FleetRevisionProperties {
  readonly TargetArn: string;
  /** The construct, to tell its revisions from those of others. */
  readonly Owner: string;
  /** The value of the revision tag of the deployment. */
  readonly Revision: string;
}

/** Does what CloudFormation does not: wait for devices, redeploy after a rollback, uninstall. */
export interface FleetRolloutProperties {
  /** As in `FleetRevisionProperties`. */
  readonly Owner: string;
  readonly DeploymentId: string;
  readonly TargetArn: string;
  readonly ThingGroupName: string;
  /** How long to wait for the devices. 0: the stack does not wait. */
  readonly WaitSeconds: string;
  /** The things to wait for. Absent: all things that are in the group when the wait begins. */
  readonly ThingNames?: readonly string[];
  /** How long the devices have to remove the components. 0: the components stay on the devices. */
  readonly UninstallSeconds: string;
}
