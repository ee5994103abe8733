/** Custom resource types that lambda/greengrass serves; CloudFormation allows 60 characters. */
export type ComponentArtifactsType = 'Custom::SageMakerEdge-ComponentArtifacts';
export type ThingGroupMembershipType = 'Custom::SageMakerEdge-ThingGroupMembership';
export type FleetRevisionType = 'Custom::SageMakerEdge-FleetRevision';
export type FleetRolloutType = 'Custom::SageMakerEdge-FleetRollout';

/** The tag by which a component version says that no stack has it any more. */
export type RetainedTag = 'cdk-sagemaker-edge:retained';

/** The tag by which a component version names the resource whose artefacts it is made of. */
export type OwnerTag = 'cdk-sagemaker-edge:owner';

/** The tag by which a deployment that a rollback redeployed, or that uninstalls, names whose rollout made it. */
export type RolloutTag = 'cdk-sagemaker-edge:rollout';

/** The tag by which a deployment that a rollback redeployed says of which one it is a copy. */
export type CopyTag = 'cdk-sagemaker-edge:copy-of';

/** The tag by which a deployment says what its content is: a hash. */
export type RevisionTag = 'cdk-sagemaker-edge:revision';

/** Puts the artefacts of one component version in their place, and clears the way for the version. */
export interface ComponentArtifactsProperties {
  readonly ComponentName: string;
  readonly ComponentVersion: string;
  /** Without its version: `arn:…:components:<name>`. */
  readonly ComponentArn: string;
  /** What the version is tagged with: another stack's version of the same name is none of this one's business. */
  readonly Owner: string;
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

/** Is told of a deployment before it is made, so that it hears of each rollback. */
export interface FleetRevisionProperties {
  readonly TargetArn: string;
  /** The construct: its revisions are told from others' by it. */
  readonly Owner: string;
  /** What the deployment is tagged with. */
  readonly Revision: string;
}

/** What CloudFormation does not do for a deployment: wait for devices, mend a rollback, uninstall. */
export interface FleetRolloutProperties {
  /** As in `FleetRevisionProperties`. */
  readonly Owner: string;
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
