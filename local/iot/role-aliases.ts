import { ACCOUNT, PARTITION, REGION } from '../account';
import type { EmulatorAuthority } from '../iam/authority';
import type { RoleSessions } from '../iam/role-sessions';
import type { Roles } from '../iam/roles';
import type { Caller, RoleAliases } from '../sagemaker/contracts';
import { conflict, denied, invalid, notFound } from './errors';

export const CREDENTIALS_SERVICE = 'credentials.iot.amazonaws.com';
const NAME = /^[\w=,@-]+$/;
const ROLE_ARN = /^arn:(aws[a-zA-Z-]*)?:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/;
const DURATION = { least: 900, most: 43200, default: 3600 };
const PAGE = { default: 25, most: 250 };

export interface RoleAlias {
  readonly roleAlias: string;
  readonly roleAliasArn: string;
  readonly roleArn: string;
  readonly owner: string;
  readonly credentialDurationSeconds: number;
  /** Seconds since 1970. */
  readonly creationDate: number;
  readonly lastModifiedDate: number;
}

interface Stored { readonly alias: RoleAlias; readonly tags: Map<string, string> }
type Input = Readonly<Record<string, unknown>>;

export function roleAliasArn(name: string): string {
  return `arn:${PARTITION}:iot:${REGION}:${ACCOUNT}:rolealias/${name}`;
}

/** IoT's role aliases, which the emulator lacks: the five calls, and tags. */
export class RoleAliasStore implements RoleAliases {
  private readonly stored = new Map<string, Stored>();

  public constructor(
    private readonly authority: Pick<EmulatorAuthority, 'authorize' | 'mayPassRole'>,
    private readonly roles: Pick<Roles, 'find'>,
    private readonly sessions: Pick<RoleSessions, 'removeCopies'>,
  ) {}

  /** For the credential provider. */
  public get(name: string): RoleAlias | undefined {
    return this.stored.get(name)?.alias;
  }

  public async create(caller: Caller, input: Input): Promise<object> {
    const name = validName(input.roleAlias);
    const arn = roleAliasArn(name);
    const tags = tagsOf(input.tags);
    await this.require(caller, 'iot:CreateRoleAlias', arn);
    if (tags.size > 0) { await this.require(caller, 'iot:TagResource', arn); }
    const roleArn = validRoleArn(input.roleArn);
    const seconds = validDuration(input.credentialDurationSeconds) ?? DURATION.default;
    await this.checkRole(caller, roleArn, seconds);
    if (this.stored.has(name)) { throw conflict(`The role alias already exists: ${name}`); }
    this.store(name, roleArn, seconds, now(), tags);
    return { roleAlias: name, roleAliasArn: arn };
  }

  public async describe(caller: Caller, input: Input): Promise<object> {
    const name = validName(input.roleAlias);
    await this.require(caller, 'iot:DescribeRoleAlias', roleAliasArn(name));
    return { roleAliasDescription: this.existing(name).alias };
  }

  public async update(caller: Caller, input: Input): Promise<object> {
    const name = validName(input.roleAlias);
    await this.require(caller, 'iot:UpdateRoleAlias', roleAliasArn(name));
    const { alias, tags } = this.existing(name);
    const roleArn = input.roleArn === undefined ? alias.roleArn : validRoleArn(input.roleArn);
    const seconds = validDuration(input.credentialDurationSeconds) ?? alias.credentialDurationSeconds;
    await this.checkRole(caller, roleArn, seconds);
    this.store(name, roleArn, seconds, alias.creationDate, tags);
    return { roleAlias: name, roleAliasArn: alias.roleAliasArn };
  }

  public async delete(caller: Caller, input: Input): Promise<object> {
    const name = validName(input.roleAlias);
    await this.require(caller, 'iot:DeleteRoleAlias', roleAliasArn(name));
    const { alias } = this.existing(name);
    this.stored.delete(name);
    if (![...this.stored.values()].some((other) => other.alias.roleArn === alias.roleArn)) { await this.sessions.removeCopies(alias.roleArn); } // made by the credential provider
    return {};
  }

  public async list(caller: Caller, input: Input): Promise<object> {
    await this.require(caller, 'iot:ListRoleAliases', '*');
    const size = typeof input.pageSize === 'number' ? input.pageSize : PAGE.default;
    if (!(size >= 1 && size <= PAGE.most)) { throw invalid(`pageSize must be between 1 and ${PAGE.most}`); }
    const names = [...this.stored.keys()].sort();
    if (input.ascendingOrder === false) { names.reverse(); }
    const start = typeof input.marker === 'string' ? names.indexOf(input.marker) + 1 : 0;
    const page = names.slice(start, start + size);
    return { roleAliases: page, ...(start + size < names.length ? { nextMarker: page.at(-1) } : {}) };
  }

  public async listTags(caller: Caller, arn: string): Promise<object> {
    await this.require(caller, 'iot:ListTagsForResource', arn);
    return { tags: [...this.existing(nameOf(arn)).tags].map(([Key, Value]) => ({ Key, Value })) };
  }

  public async tag(caller: Caller, arn: string, input: Input): Promise<object> {
    await this.require(caller, 'iot:TagResource', arn);
    const { tags } = this.existing(nameOf(arn));
    for (const [key, value] of tagsOf(input.tags)) { tags.set(key, value); }
    return {};
  }

  public async untag(caller: Caller, arn: string, input: Input): Promise<object> {
    await this.require(caller, 'iot:UntagResource', arn);
    const { tags } = this.existing(nameOf(arn));
    for (const key of Array.isArray(input.tagKeys) ? input.tagKeys : []) { tags.delete(String(key)); }
    return {};
  }

  /**
   * What Edge Manager does for a fleet. An alias that is there is taken as it is: what AWS asked for in that case is
   * not known. A new one is made with the fleet role's own rights.
   */
  public async ensure(name: string, roleArn: string): Promise<string> {
    const fleetRole: Caller = { arn: roleArn, roleArn, isRoot: false };
    if (!this.stored.has(name)) { await this.create(fleetRole, { roleAlias: name, roleArn }); }
    return roleAliasArn(name);
  }

  private store(name: string, roleArn: string, seconds: number, created: number, tags: Map<string, string>): void {
    this.stored.set(name, {
      tags,
      alias: { roleAlias: name, roleAliasArn: roleAliasArn(name), roleArn, owner: ACCOUNT, credentialDurationSeconds: seconds, creationDate: created, lastModifiedDate: now() },
    });
  }

  private existing(name: string): Stored {
    const found = this.stored.get(name);
    if (!found) { throw notFound(`The role alias does not exist: ${name}`); }
    return found;
  }

  private async require(caller: Caller, action: string, resource: string): Promise<void> {
    if (!await this.authority.authorize(caller, action, resource)) { throw denied(caller.arn, action, resource); }
  }

  private async checkRole(caller: Caller, roleArn: string, seconds: number): Promise<void> {
    if (!await this.authority.mayPassRole(caller, roleArn, CREDENTIALS_SERVICE)) { throw denied(caller.arn, 'iam:PassRole', roleArn); }
    const role = await this.roles.find(roleArn);
    if (!role) { throw invalid(`The role does not exist: ${roleArn}`); }
    const longest = role.MaxSessionDuration ?? DURATION.default;
    if (seconds > longest) {
      throw invalid(`credentialDurationSeconds ${seconds} exceeds the maximum session duration of the role, ${longest}: ${roleArn}`);
    }
  }
}

function validName(value: unknown): string {
  if (typeof value !== 'string' || value.length < 1 || value.length > 128 || !NAME.test(value)) {
    throw constraint(value, 'roleAlias', `Member must satisfy regular expression pattern: ${NAME.source.slice(1, -1)}, with length from 1 to 128`);
  }
  return value;
}

function validRoleArn(value: unknown): string {
  if (typeof value !== 'string' || value.length < 20 || value.length > 2048 || !ROLE_ARN.test(value)) {
    throw constraint(value, 'roleArn', `Member must satisfy regular expression pattern: ${ROLE_ARN.source.slice(1, -1)}, with length from 20 to 2048`);
  }
  return value;
}

function validDuration(value: unknown): number | undefined {
  if (value === undefined || value === null) { return undefined; }
  if (typeof value !== 'number' || !Number.isInteger(value) || value < DURATION.least || value > DURATION.most) {
    throw constraint(value, 'credentialDurationSeconds', `Member must have value between ${DURATION.least} and ${DURATION.most}`);
  }
  return value;
}

function constraint(value: unknown, member: string, wish: string): Error {
  return invalid(`1 validation error detected: Value ${value === undefined ? 'null' : JSON.stringify(value)} at '${member}' failed to satisfy constraint: ${wish}`);
}

function tagsOf(value: unknown): Map<string, string> {
  const pairs: unknown[] = Array.isArray(value) ? value : [];
  return new Map(pairs.map((pair) => {
    if (typeof pair !== 'object' || pair === null || !('Key' in pair) || typeof pair.Key !== 'string') { throw invalid('each tag must have a Key'); }
    return [pair.Key, 'Value' in pair && typeof pair.Value === 'string' ? pair.Value : ''];
  }));
}

function nameOf(arn: string): string {
  return arn.slice(arn.indexOf(':rolealias/') + ':rolealias/'.length);
}

function now(): number {
  return Date.now() / 1000;
}
