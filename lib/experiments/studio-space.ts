import { aws_sagemaker as sagemaker, Resource, SizeRoundingBehavior, type IResource, type Size } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { EndpointInstanceType } from '../endpoint/endpoint-instance-type';
import { generatedName } from '../private/naming';
import { ENTITY_NAME, validateInteger, validateText, ValidationError } from '../private/validation';
import { cleanup } from './private/studio/cleanup';
import { ownerOf } from './private/studio/order';
import { StudioAppType } from './studio-app-type';
import type { IStudioImage } from './studio-image';
import type { IStudioLifecycleConfig } from './studio-lifecycle-config';
import type { IStudioUser } from './studio-user';

/** `SpaceEbsVolumeSizeInGb` of SageMaker's API. */
const MIN_GIB = 5;
const MAX_GIB = 16_384;

/** A space of Studio. */
export interface IStudioSpace extends IResource {
  /**
   * The name of the space.
   * @attribute
   */
  readonly spaceName: string;
}

/** Options of `StudioUser.addSpace`. */
export interface StudioSpaceOptions {
  /**
   * The application that runs in the space.
   *
   * @default StudioAppType.JUPYTER_LAB
   */
  readonly appType?: StudioAppType;

  /**
   * The image that the application runs. It is attached to the domain.
   *
   * @default - SageMaker Distribution, in the version that SageMaker chooses
   */
  readonly image?: IStudioImage;

  /**
   * The instance type of the application.
   *
   * @default - that of the domain
   */
  readonly instanceType?: EndpointInstanceType;

  /**
   * The script that runs when the application starts.
   *
   * @default - that of the domain
   */
  readonly lifecycleConfig?: IStudioLifecycleConfig;

  /**
   * The size of the volume, in whole GiB from 5 to 16,384. A smaller one replaces the space.
   *
   * @default - SageMaker chooses: 5 GiB, or what the domain says
   */
  readonly volumeSize?: Size;

  /**
   * The name of the space: 1 to 63 letters, digits and hyphens.
   *
   * @default - made of the names of the stack and of the construct
   */
  readonly spaceName?: string;
}

/** Properties of a `StudioSpace`. */
export interface StudioSpaceProps extends StudioSpaceOptions {
  /** The user whose private space it is. */
  readonly user: IStudioUser;
}

/**
 * Defines a private space of a user: a volume, and the settings of the application that runs in it. The application itself is started by
 * the user. It is stopped when the space is removed from the stack, and the volume goes with the space.
 */
export class StudioSpace extends Resource implements IStudioSpace {
  /** @attribute */
  public readonly spaceName: string;

  public constructor(scope: Construct, id: string, props: StudioSpaceProps) {
    super(scope, id);
    const { appType = StudioAppType.JUPYTER_LAB, image, instanceType, lifecycleConfig, user, volumeSize } = props;
    const name = props.spaceName ?? generatedName(scope, id);
    validateText(this, 'spaceName', name, ENTITY_NAME);
    if (volumeSize !== undefined && !volumeSize.isUnresolved()) {
      validateInteger(this, 'GiB of volumeSize', volumeSize.toGibibytes({ rounding: SizeRoundingBehavior.NONE }), MIN_GIB, MAX_GIB);
    }
    if (lifecycleConfig !== undefined && lifecycleConfig.appType !== appType) {
      throw new ValidationError(this, `lifecycleConfig must be for ${appType}, got one for ${lifecycleConfig.appType}`);
    }
    image?.appImageConfigName(appType); // to fail here
    const attached = image && user.domain.addImage(image);
    const defaultResourceSpec = {
      instanceType: instanceType?.instanceTypeName,
      lifecycleConfigArn: lifecycleConfig?.lifecycleConfigArn,
      sageMakerImageVersionArn: image?.imageVersionArn,
    };
    const isPlain = Object.values(defaultResourceSpec).every((value) => value === undefined);
    const settings = isPlain ? undefined : { defaultResourceSpec };
    const resource = new sagemaker.CfnSpace(this, 'Resource', {
      domainId: user.domain.domainId,
      spaceName: name,
      ownershipSettings: { ownerUserProfileName: user.userProfileName },
      spaceSharingSettings: { sharingType: 'Private' },
      spaceSettings: {
        appType,
        ...appType === StudioAppType.JUPYTER_LAB ? { jupyterLabAppSettings: settings } : { codeEditorAppSettings: settings },
        spaceStorageSettings: volumeSize && { ebsStorageSettings: { ebsVolumeSizeInGb: volumeSize.toGibibytes() } },
      },
    });
    if (attached !== undefined) {
      resource.node.addDependency(attached);
    }
    const owner = ownerOf(user);
    if (owner !== undefined) {
      resource.node.addDependency(owner.ready);
    }
    this.spaceName = name;
    cleanup(this, { DomainId: user.domain.domainId, SpaceName: name }).node.addDependency(resource);
  }
}
