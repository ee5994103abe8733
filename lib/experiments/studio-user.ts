import { aws_sagemaker as sagemaker, Resource, Stack, type aws_iam as iam, type aws_kms as kms, type IResource } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { defaultJobRole } from '../jobs/role';
import { generatedName } from '../private/naming';
import { claimName } from '../private/physical-names';
import { validateTrust } from '../private/trust';
import { ENTITY_NAME, validateText } from '../private/validation';
import { cleanup } from './private/studio/cleanup';
import { declareOwner, ownerOf } from './private/studio/order';
import { grantStudio } from './private/studio/user-rights';
import type { IStudioDomain } from './studio-domain';
import { StudioSpace, type StudioSpaceOptions } from './studio-space';

/** A user of Studio. What is granted to it, its role gets. */
export interface IStudioUser extends IResource, iam.IGrantable {
  /** The domain of the user. */
  readonly domain: IStudioDomain;

  /**
   * The name of the user profile.
   * @attribute
   */
  readonly userProfileName: string;
}

/** Properties of a `StudioUser`. */
export interface StudioUserProps {
  /** The domain of the user. */
  readonly domain: IStudioDomain;

  /**
   * The name of the user profile: 1 to 63 letters, digits and hyphens. A new name is a new user.
   *
   * @default - made of the names of the stack and of the construct
   */
  readonly userProfileName?: string;

  /**
   * The role of the user's applications. It must trust `sagemaker.amazonaws.com`, and is granted what Studio needs.
   *
   * @default - a role that may run spaces of the user's own, and no more
   */
  readonly role?: iam.IRole;

  /**
   * The KMS key of the domain, which the role may then use for the volumes of spaces.
   *
   * @default - the key of a domain that is defined in this app; none for an import
   */
  readonly encryptionKey?: kms.IKeyRef;
}

/**
 * Defines a user of a Studio domain, with a role of their own.
 *
 * `DvcStore.grantPush`, `ExperimentTracking.grantTrack` and others take the user as a grantee. The user goes with the stack, with all
 * spaces that they have made; their applications are stopped first.
 */
export class StudioUser extends Resource implements IStudioUser {
  public readonly domain: IStudioDomain;

  /** @attribute */
  public readonly userProfileName: string;

  /**
   * The ARN of the user profile.
   * @attribute
   */
  public readonly userProfileArn: string;

  /** The role of the user's applications. */
  public readonly role: iam.IRole;

  public readonly grantPrincipal: iam.IPrincipal;

  public constructor(scope: Construct, id: string, props: StudioUserProps) {
    super(scope, id);
    const { domain } = props;
    this.domain = domain;
    const name = props.userProfileName ?? generatedName(scope, id);
    validateText(this, 'userProfileName', name, ENTITY_NAME);
    claimName(this, `user of the Studio domain ${domain.node.path}`, name);
    this.role = props.role ?? defaultJobRole(this, 'Applications of a user of SageMaker Studio run with it');
    validateTrust(this, 'role', this.role, ['sagemaker.amazonaws.com']);
    this.grantPrincipal = this.role.grantPrincipal;
    const resource = new sagemaker.CfnUserProfile(this, 'Resource', {
      domainId: domain.domainId, userProfileName: name, userSettings: { executionRole: this.role.roleArn },
    });
    const owner = ownerOf(domain);
    if (owner !== undefined) {
      resource.node.addDependency(owner.ready);
    }
    this.userProfileName = name;
    this.userProfileArn = resource.attrUserProfileArn;
    grantStudio(this, this.role, {
      domainId: domain.domainId, encryptionKey: props.encryptionKey ?? owner?.encryptionKey,
      // by its name, so that the rights do not wait for the user
      userProfileArn: Stack.of(this).formatArn({ service: 'sagemaker', resource: 'user-profile', resourceName: `${domain.domainId}/${name}` }),
    });
    const ready = cleanup(this, { DomainId: domain.domainId, UserProfileName: name });
    ready.node.addDependency(resource);
    declareOwner(this, { ready });
  }

  /**
   * Adds a private space of the user.
   * @param id the ID of the space's construct, in the scope of the user
   * @param options properties of the space
   */
  public addSpace(id: string, options: StudioSpaceOptions = {}): StudioSpace {
    return new StudioSpace(this, id, { ...options, user: this });
  }
}
