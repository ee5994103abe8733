/** Custom resource types that lambda/greengrass serves; CloudFormation allows 60 characters. */
export type ComponentArtifactsType = 'Custom::SageMakerEdge-ComponentArtifacts';
export type ThingGroupMembershipType = 'Custom::SageMakerEdge-ThingGroupMembership';
export type FleetRolloutType = 'Custom::SageMakerEdge-FleetRollout';

/** The tag by which a component version says that no stack has it any more. */
export type RetainedTag = 'cdk-sagemaker-edge:retained';

/** The tag by which a deployment that a rollback gave back names the rollout that made it. */
export type RevisionTag = 'cdk-sagemaker-edge:rollout';

/** Puts the artefacts of one component version in their place, and clears the way for the version. */
export interface ComponentArtifactsProperties {
  readonly ComponentName: string;
  readonly ComponentVersion: string;
  /** Without its version: `arn:…:components:<name>`. */
  readonly ComponentArn: string;
  readonly Copies: readonly ArtifactCopy[];
}

/** An object and where it has to be. */
export interface ArtifactCopy {
  readonly SourceBucket: string;
  readonly SourceKey: string;
  readonly SourceVersion?: string;
  readonly Bucket: string;
  readonly Key: string;
}

/** CloudFormation has no resource for it. */
export interface ThingGroupMembershipProperties {
  readonly ThingGroupName: string;
  readonly ThingName: string;
  /** 'true': what Greengrass knows of the device goes with the membership; the thing itself stays. */
  readonly DeleteCoreDevice: string;
}

/** What CloudFormation does not do for a deployment: wait for devices, mend a rollback, uninstall. */
export interface FleetRolloutProperties {
  readonly DeploymentId: string;
  readonly TargetArn: string;
  readonly ThingGroupName: string;
  /** 0: the devices are not waited for. */
  readonly WaitSeconds: string;
  /** Those that are waited for; absent: all that are in the group by then. */
  readonly ThingNames?: readonly string[];
  /** 0: components stay on the devices. Otherwise how long the devices have to remove them. */
  readonly UninstallSeconds: string;
}
