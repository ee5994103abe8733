import type { Duration, IResource } from 'aws-cdk-lib';
import { ArnFormat, aws_iam as iam, aws_iot as iot, Resource, Stack, Token } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { identifyBy } from './private/logical-ids';
import { claimName } from '../private/physical-names';
import { validateTrust } from '../private/trust';
import { childOf, ROLE_ALIAS_NAME, validateInteger, validateText, ValidationError } from '../private/validation';

const MIN_DURATION = 900;
const MAX_DURATION = 43_200;
/** What IAM takes where a role says nothing. */
const DEFAULT_MAX_SESSION = 3_600;

/** A role alias: the name under which devices ask for the credentials of a role. */
export interface IRoleAlias extends IResource, iot.IRoleAliasRef {
  /**
   * The name of the role alias.
   * @attribute
   */
  readonly roleAliasName: string;

  /**
   * The ARN of the role alias.
   * @attribute
   */
  readonly roleAliasArn: string;

  /**
   * The role that the role alias points to.
   * @default - not known, for an import that does not name it
   */
  readonly role?: iam.IRole;
}

/** Attributes of an existing role alias. */
export interface RoleAliasAttributes {
  /** The name of the role alias. */
  readonly roleAliasName: string;

  /**
   * The role that the role alias points to.
   *
   * @default - not known, so that nothing can be granted to it
   */
  readonly role?: iam.IRole;
}

/** Properties of a `RoleAlias`. */
export interface RoleAliasProps {
  /**
   * The name of the role alias: 1 to 128 letters, digits and `_ = , @ -`. A change of the name replaces the role alias. Devices ask for
   * credentials by this name. So give devices in the field a role alias with a name: it stays when its construct is renamed or moved
   * within the stack.
   *
   * @default - CloudFormation generates one. A rename or a move of the construct replaces the role alias
   */
  readonly roleAliasName?: string;

  /** The role that devices assume. It must trust `credentials.iot.amazonaws.com`, as a `DeviceRole` does. */
  readonly role: iam.IRole;

  /**
   * How long credentials are valid: 15 minutes to 12 hours, and no longer than the role's own maximum session duration.
   *
   * @default Duration.hours(1)
   */
  readonly credentialDuration?: Duration;
}

abstract class RoleAliasBase extends Resource implements IRoleAlias {
  public abstract readonly roleAliasName: string;
  public abstract readonly roleAliasArn: string;
  public abstract readonly role?: iam.IRole;

  public get roleAliasRef(): iot.RoleAliasReference {
    return { roleAlias: this.roleAliasName, roleAliasArn: this.roleAliasArn };
  }
}

/** Defines an IoT role alias. */
export class RoleAlias extends RoleAliasBase {
  /** Import an existing role alias of this account and region. */
  public static fromRoleAliasName(scope: Construct, id: string, roleAliasName: string): IRoleAlias {
    return RoleAlias.fromRoleAliasAttributes(scope, id, { roleAliasName });
  }

  /** Import an existing role alias. */
  public static fromRoleAliasArn(scope: Construct, id: string, roleAliasArn: string): IRoleAlias {
    return RoleAlias.fromArn(scope, id, roleAliasArn);
  }

  /** Import an existing role alias of this account and region. */
  public static fromRoleAliasAttributes(scope: Construct, id: string, attrs: RoleAliasAttributes): IRoleAlias {
    validateText(childOf(scope, id), 'roleAliasName', attrs.roleAliasName, ROLE_ALIAS_NAME);
    const arn = Stack.of(scope).formatArn({ service: 'iot', resource: 'rolealias', resourceName: attrs.roleAliasName });
    return RoleAlias.fromArn(scope, id, arn, attrs.role);
  }

  private static fromArn(scope: Construct, id: string, arn: string, role?: iam.IRole): IRoleAlias {
    class Import extends RoleAliasBase {
      public readonly roleAliasArn = arn;
      public readonly roleAliasName = Stack.of(scope).splitArn(arn, ArnFormat.SLASH_RESOURCE_NAME).resourceName ?? '';
      public readonly role = role;
    }
    return new Import(scope, id, { environmentFromArn: arn });
  }

  public readonly roleAliasName: string;
  public readonly roleAliasArn: string;
  public readonly role?: iam.IRole;

  public constructor(scope: Construct, id: string, props: RoleAliasProps) {
    super(scope, id, { physicalName: props.roleAliasName });
    validateText(this, 'roleAliasName', props.roleAliasName, ROLE_ALIAS_NAME);
    claimName(this, 'role alias', props.roleAliasName);
    this.validateDuration(props);
    validateTrust(this, 'role', props.role, ['credentials.iot.amazonaws.com']);

    const resource = new iot.CfnRoleAlias(this, 'Resource', {
      roleAlias: this.physicalName,
      roleArn: props.role.roleArn,
      credentialDurationSeconds: props.credentialDuration?.toSeconds(),
    });
    identifyBy(resource, 'RoleAlias', props.roleAliasName);
    this.role = props.role;
    this.roleAliasName = this.getResourceNameAttribute(resource.ref);
    this.roleAliasArn = this.getResourceArnAttribute(resource.attrRoleAliasArn, {
      service: 'iot', resource: 'rolealias', resourceName: this.physicalName,
    });
  }

  private validateDuration({ credentialDuration, role }: RoleAliasProps): void {
    if (credentialDuration === undefined || credentialDuration.isUnresolved()) {
      return;
    }
    const seconds = credentialDuration.toSeconds();
    validateInteger(this, 'credentialDuration in seconds', seconds, MIN_DURATION, MAX_DURATION);
    const resource = role.node.defaultChild;
    if (!iam.CfnRole.isCfnRole(resource)) { // an import
      return;
    }
    const longest = resource.maxSessionDuration ?? DEFAULT_MAX_SESSION;
    if (!Token.isUnresolved(longest) && seconds > longest) {
      throw new ValidationError(
        this, `credentialDuration must be at most the maxSessionDuration of its role, ${longest} seconds, got ${seconds} seconds`,
      );
    }
  }
}
