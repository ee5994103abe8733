import { createHash } from 'node:crypto';
import {
  CreateRoleAliasCommand, DeleteRoleAliasCommand, IoTClient, TagResourceCommand, UntagResourceCommand,
  UpdateRoleAliasCommand,
} from '@aws-sdk/client-iot';
import {
  ignoring, optionalText, tagChanges, tags, text, type Identity, type Outcome, type Properties, type ResourceHandler,
} from './resource';

/** AWS::IoT::RoleAlias. */
export class RoleAliasHandler implements ResourceHandler {
  private readonly iot = new IoTClient();

  public async create(properties: Properties, identity: Identity): Promise<Outcome> {
    const given = tags(properties);
    const { roleAliasArn = '' } = await this.iot.send(new CreateRoleAliasCommand({
      roleAlias: nameOf(properties, identity), roleArn: text(properties, 'RoleArn'), credentialDurationSeconds: duration(properties),
      ...(given.length > 0 ? { tags: given } : {}),
    }));
    return { physicalId: nameOf(properties, identity), attributes: { RoleAliasArn: roleAliasArn } };
  }

  public async update(physicalId: string, properties: Properties, old: Properties, identity: Identity): Promise<Outcome> {
    if (nameOf(properties, identity) !== physicalId) {
      return this.create(properties, identity);
    }
    const { roleAliasArn = '' } = await this.iot.send(new UpdateRoleAliasCommand({
      roleAlias: physicalId, roleArn: text(properties, 'RoleArn'), credentialDurationSeconds: duration(properties) ?? 3600,
    }));
    const { set, removed } = tagChanges(properties, old);
    if (set.length > 0) {
      await this.iot.send(new TagResourceCommand({ resourceArn: roleAliasArn, tags: set }));
    }
    if (removed.length > 0) {
      await this.iot.send(new UntagResourceCommand({ resourceArn: roleAliasArn, tagKeys: removed }));
    }
    return { physicalId, attributes: { RoleAliasArn: roleAliasArn } };
  }

  public async delete(physicalId: string): Promise<void> {
    await ignoring('ResourceNotFoundException', async () => this.iot.send(new DeleteRoleAliasCommand({ roleAlias: physicalId })));
  }
}

function duration(properties: Properties): number | undefined {
  const seconds = optionalText(properties, 'CredentialDurationSeconds');
  return seconds === undefined ? undefined : Number(seconds);
}

/** A generated name is the same whenever it is asked for. */
function nameOf(properties: Properties, { stackName, stackId, logicalId }: Identity): string {
  const generated = createHash('sha256').update(`${stackId}/${logicalId}`).digest('hex').slice(0, 12);
  return optionalText(properties, 'RoleAlias') ?? `${stackName.slice(0, 50)}-${logicalId.slice(0, 50)}-${generated}`;
}
