import {
  AuthorizeSecurityGroupEgressCommand, AuthorizeSecurityGroupIngressCommand, EC2Client, RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand, UpdateSecurityGroupRuleDescriptionsEgressCommand, UpdateSecurityGroupRuleDescriptionsIngressCommand,
  type IpPermission, type SecurityGroupRule,
} from '@aws-sdk/client-ec2';
import { isNamed, optionalText, text, type Outcome, type Properties, type ResourceHandler } from './resource';

interface Rules { readonly GroupId: string; readonly IpPermissions: IpPermission[] }

/** A rule of a security group that is a resource of its own. `Ref` is its ID. All but its description is replaced. */
abstract class SecurityGroupRuleHandler implements ResourceHandler {
  protected readonly ec2 = new EC2Client();

  /** `Source` or `Destination`: what the properties of the other side begin with. */
  protected constructor(private readonly otherSide: string) {}

  public async create(properties: Properties): Promise<Outcome> {
    const [rule] = await this.authorize({ GroupId: text(properties, 'GroupId'), IpPermissions: [this.permission(properties)] });
    if (rule?.SecurityGroupRuleId === undefined) {
      throw new Error('EC2 gave no rule');
    }
    return outcome(rule.SecurityGroupRuleId);
  }

  public async update(physicalId: string, properties: Properties, old: Properties): Promise<Outcome> {
    const [now, before] = [properties, old].map(({ GroupId, ...rest }) => JSON.stringify([GroupId, this.permission({ ...rest, Description: '' })]));
    if (now !== before) {
      return this.create(properties);
    }
    await this.describe(text(properties, 'GroupId'), physicalId, optionalText(properties, 'Description') ?? '');
    return outcome(physicalId);
  }

  public async delete(physicalId: string, properties: Properties): Promise<void> {
    try {
      await this.revoke(text(properties, 'GroupId'), physicalId);
    } catch (error) {
      if (!isNamed(error, 'InvalidGroup.NotFound') && !isNamed(error, 'InvalidSecurityGroupRuleId.NotFound')) {
        throw error;
      }
    }
  }

  protected abstract authorize(rules: Rules): Promise<SecurityGroupRule[]>;
  protected abstract describe(group: string, rule: string, description: string): Promise<void>;
  protected abstract revoke(group: string, rule: string): Promise<void>;

  private permission(properties: Properties): IpPermission {
    const given = (name: string): string | undefined => optionalText(properties, name);
    const description = given('Description');
    const described = description === undefined ? {} : { Description: description };
    const [cidr, cidr6] = [given('CidrIp'), given('CidrIpv6')];
    const [group, list] = [given(`${this.otherSide}SecurityGroupId`), given(`${this.otherSide}PrefixListId`)];
    return {
      IpProtocol: text(properties, 'IpProtocol'), FromPort: port(given('FromPort')), ToPort: port(given('ToPort')),
      ...cidr === undefined ? {} : { IpRanges: [{ CidrIp: cidr, ...described }] },
      ...cidr6 === undefined ? {} : { Ipv6Ranges: [{ CidrIpv6: cidr6, ...described }] },
      ...group === undefined ? {} : {
        UserIdGroupPairs: [{ GroupId: group, UserId: given('SourceSecurityGroupOwnerId'), ...described }],
      },
      ...list === undefined ? {} : { PrefixListIds: [{ PrefixListId: list, ...described }] },
    };
  }
}

/** AWS::EC2::SecurityGroupIngress. */
export class SecurityGroupIngressHandler extends SecurityGroupRuleHandler {
  public constructor() {
    super('Source');
  }

  protected async authorize(rules: Rules): Promise<SecurityGroupRule[]> {
    return (await this.ec2.send(new AuthorizeSecurityGroupIngressCommand(rules))).SecurityGroupRules ?? [];
  }

  protected async describe(GroupId: string, SecurityGroupRuleId: string, Description: string): Promise<void> {
    const changes = { GroupId, SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId, Description }] };
    await this.ec2.send(new UpdateSecurityGroupRuleDescriptionsIngressCommand(changes));
  }

  protected async revoke(GroupId: string, rule: string): Promise<void> {
    await this.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, SecurityGroupRuleIds: [rule] }));
  }
}

/** AWS::EC2::SecurityGroupEgress. */
export class SecurityGroupEgressHandler extends SecurityGroupRuleHandler {
  public constructor() {
    super('Destination');
  }

  protected async authorize(rules: Rules): Promise<SecurityGroupRule[]> {
    return (await this.ec2.send(new AuthorizeSecurityGroupEgressCommand(rules))).SecurityGroupRules ?? [];
  }

  protected async describe(GroupId: string, SecurityGroupRuleId: string, Description: string): Promise<void> {
    const changes = { GroupId, SecurityGroupRuleDescriptions: [{ SecurityGroupRuleId, Description }] };
    await this.ec2.send(new UpdateSecurityGroupRuleDescriptionsEgressCommand(changes));
  }

  protected async revoke(GroupId: string, rule: string): Promise<void> {
    await this.ec2.send(new RevokeSecurityGroupEgressCommand({ GroupId, SecurityGroupRuleIds: [rule] }));
  }
}

function port(given: string | undefined): number | undefined {
  return given === undefined ? undefined : Number(given);
}

function outcome(physicalId: string): Outcome {
  return { physicalId, attributes: { Id: physicalId } };
}
