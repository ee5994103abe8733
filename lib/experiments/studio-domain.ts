import {
  aws_sagemaker as sagemaker, Duration, Lazy, RemovalPolicy, Resource, Stack, Token, type aws_iam as iam, type IResource,
} from 'aws-cdk-lib';
import { Construct, type IDependable } from 'constructs';
import { selectNetwork } from '../jobs/network';
import { defaultJobRole } from '../jobs/role';
import { generatedName } from '../private/naming';
import { claimName } from '../private/physical-names';
import { validateTrust } from '../private/trust';
import { ENTITY_NAME, validateInteger, validateText, ValidationError, type TextRule } from '../private/validation';
import { ImageAttachment } from './private/studio/attachment';
import { cleanup } from './private/studio/cleanup';
import { declareOwner } from './private/studio/order';
import { StudioAppType } from './studio-app-type';
import { StudioNetworkAccess, type StudioDomainProps } from './studio-domain-props';
import type { IStudioImage } from './studio-image';

const DOMAIN_ID: TextRule = { max: 63, pattern: /^d-(-*[a-z0-9]){1,61}$/, wanted: "an ID like 'd-abc123def456'" };
/** `IdleTimeoutInMinutes` of SageMaker's API. */
const IDLE_MIN = 60;
const IDLE_MAX = 525_600;
const IDLE_DEFAULT = Duration.hours(2);
/** `CustomImages` of SageMaker's API. */
const MAX_IMAGES = 200;

/** A domain of SageMaker Studio. */
export interface IStudioDomain extends IResource {
  /**
   * The ID of the domain.
   * @attribute
   */
  readonly domainId: string;

  /**
   * The ARN of the domain.
   * @attribute
   */
  readonly domainArn: string;

  /**
   * Attaches an image, so that applications of the domain can run it. Once more for the same image does nothing.
   *
   * Of an imported domain, what others have attached stays, also when the stack is deleted.
   *
   * @returns what something that uses the image in the domain must depend on
   */
  addImage(image: IStudioImage): IDependable;
}

abstract class StudioDomainBase extends Resource implements IStudioDomain {
  public abstract readonly domainId: string;
  public abstract readonly domainArn: string;
  public abstract addImage(image: IStudioImage): IDependable;
}

/**
 * Defines a domain of SageMaker Studio, whose users sign in with IAM.
 *
 * An account can have few domains in a region. To work in one that is there, import it with `StudioDomain.fromDomainId`.
 *
 * The domain goes with its stack, whatever runs in it: applications are stopped, and the users and spaces that people have made are
 * deleted. The home directories are kept unless `removalPolicy` says otherwise.
 */
export class StudioDomain extends StudioDomainBase {
  /**
   * Import an existing domain of this account and region. Images can be attached to it, and users and spaces made in it.
   *
   * Each attachment changes the list of images of the domain, and nothing else. A domain that a stack of CloudFormation has made loses
   * it when that stack changes the default user settings; the next change of the attachment brings it back.
   *
   * @param domainId the ID of the domain, `d-…`
   */
  public static fromDomainId(scope: Construct, id: string, domainId: string): IStudioDomain {
    validateText(scope, 'domainId', domainId, DOMAIN_ID);
    class Import extends StudioDomainBase {
      public readonly domainId = domainId;
      public readonly domainArn = Stack.of(scope).formatArn({ service: 'sagemaker', resource: 'domain', resourceName: domainId });
      private readonly attached = new Map<IStudioImage, Construct>();

      public addImage(image: IStudioImage): IDependable {
        const known = this.attached.get(image);
        if (known !== undefined) {
          return known;
        }
        const attachments = new Construct(this, `Image${this.attached.size + 1}`);
        for (const appType of image.appTypes) {
          new ImageAttachment(attachments, appType, { domainId: this.domainId, domainArn: this.domainArn, appType, image });
        }
        this.attached.set(image, attachments);
        return attachments;
      }
    }
    return new Import(scope, id);
  }

  /** @attribute */
  public readonly domainId: string;

  /** @attribute */
  public readonly domainArn: string;

  /**
   * The ID of the EFS file system with the home directories.
   * @attribute
   */
  public readonly homeFileSystemId: string;

  /**
   * The address of the domain. Studio is opened with a presigned URL, as from the console.
   * @attribute
   */
  public readonly domainUrl: string;

  /** The role of users who have none of their own. */
  public readonly executionRole: iam.IRole;

  private readonly resource: sagemaker.CfnDomain;
  private readonly images: IStudioImage[] = [];

  public constructor(scope: Construct, id: string, private readonly props: StudioDomainProps) {
    super(scope, id);
    const name = props.domainName ?? generatedName(scope, id);
    validateText(this, 'domainName', name, ENTITY_NAME);
    claimName(this, 'Studio domain', name);
    this.validateIdle(props);
    this.executionRole = props.executionRole ?? defaultJobRole(this, 'Users of SageMaker Studio who have no role of their own');
    validateTrust(this, 'executionRole', this.executionRole, ['sagemaker.amazonaws.com']);
    const network = selectNetwork(this, props, 'Applications of SageMaker Studio');
    const resource = new sagemaker.CfnDomain(this, 'Resource', {
      domainName: name,
      authMode: 'IAM',
      vpcId: props.vpc.vpcId,
      subnetIds: [...network.subnetIds],
      appNetworkAccessType: props.networkAccess ?? StudioNetworkAccess.VPC_ONLY,
      kmsKeyId: props.encryptionKey?.keyRef.keyArn,
      defaultUserSettings: {
        executionRole: this.executionRole.roleArn,
        securityGroups: network.securityGroups.map(({ securityGroupId }) => securityGroupId),
        studioWebPortal: 'ENABLED',
        defaultLandingUri: 'studio::', // the new Studio: Studio Classic is made no more
        jupyterLabAppSettings: Lazy.any({ produce: () => this.appSettings(StudioAppType.JUPYTER_LAB) }),
        codeEditorAppSettings: Lazy.any({ produce: () => this.appSettings(StudioAppType.CODE_EDITOR) }),
      },
    });
    this.domainId = resource.attrDomainId;
    this.domainArn = resource.attrDomainArn;
    this.homeFileSystemId = resource.attrHomeEfsFileSystemId;
    this.domainUrl = resource.attrUrl;
    const ready = cleanup(this, {
      DomainId: this.domainId, ...props.removalPolicy === RemovalPolicy.DESTROY ? { HomeFileSystem: 'Delete' } : {},
    });
    declareOwner(this, { ready, encryptionKey: props.encryptionKey });
    this.resource = resource;
    for (const image of props.images ?? []) {
      this.addImage(image);
    }
  }

  public addImage(image: IStudioImage): IDependable {
    if (!this.images.includes(image)) {
      if (this.images.length >= MAX_IMAGES) {
        throw new ValidationError(this, `images must be at most ${MAX_IMAGES}, got one more`);
      }
      this.images.push(image);
    }
    return this.resource;
  }

  private appSettings(appType: StudioAppType): object | undefined {
    const { idleShutdown = true, idleTimeout = IDLE_DEFAULT, instanceType, lifecycleConfigs = [] } = this.props;
    const scripts = lifecycleConfigs.filter((config) => config.appType === appType).map(({ lifecycleConfigArn }) => lifecycleConfigArn);
    const customImages = this.images.filter(({ appTypes }) => appTypes.includes(appType)).map((image) => ({
      imageName: image.imageName, appImageConfigName: image.appImageConfigName(appType), imageVersionNumber: image.imageVersionNumber,
    }));
    return {
      appLifecycleManagement: {
        idleSettings: idleShutdown
          ? { lifecycleManagement: 'ENABLED', idleTimeoutInMinutes: idleTimeout.toMinutes() }
          : { lifecycleManagement: 'DISABLED' },
      },
      ...customImages.length === 0 ? {} : { customImages },
      ...scripts.length === 0 ? {} : { lifecycleConfigArns: scripts },
      ...scripts.length === 0 && instanceType === undefined ? {} : {
        defaultResourceSpec: { instanceType: instanceType?.instanceTypeName, lifecycleConfigArn: scripts[0] },
      },
    };
  }

  private validateIdle({ idleShutdown, idleTimeout }: StudioDomainProps): void {
    if (idleTimeout === undefined || Token.isUnresolved(idleTimeout)) {
      return;
    }
    if (idleShutdown === false) {
      throw new ValidationError(this, 'idleTimeout needs idleShutdown, got idleShutdown: false');
    }
    validateInteger(this, 'minutes of idleTimeout', idleTimeout.toMinutes({ integral: false }), IDLE_MIN, IDLE_MAX);
  }
}
