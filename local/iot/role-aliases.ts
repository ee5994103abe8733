import type * as iot from '@aws-sdk/client-iot';
import { ACCOUNT, PARTITION, REGION } from '../service/account';
import type { RoleAssumer } from '../service/contracts';
import { DIALECTS } from '../service/dialect';
import { ServiceError } from '../service/errors';
import type { InputOf, Operations, Right } from '../service/operation';
import type { RoleFinder } from './contracts';

const { invalid } = DIALECTS.IoT;
export const CREDENTIALS_SERVICE = 'credentials.iot.amazonaws.com';
/** Of a role that says nothing about the length of its sessions, and of an alias, in seconds. */
export const DEFAULT_DURATION = 3600;
const DEFAULT_PAGE = 25;
const ALIAS = ':rolealias/';

export type IotOperations = Operations<typeof iot>;
type IotInput<Name extends string> = InputOf<typeof iot, Name>;
type Tags = IotInput<'TagResource'>['tags'];

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

export function roleAliasArn(name: string): string {
  return `arn:${PARTITION}:iot:${REGION}:${ACCOUNT}${ALIAS}${name}`;
}

/** IoT's role aliases, which the emulator lacks: the five calls, and tags. */
export class RoleAliasStore {
  private readonly stored = new Map<string, Stored>();

  public constructor(private readonly roles: RoleFinder, private readonly sessions: Pick<RoleAssumer, 'removeCopies'>) {}

  /** For the credential provider. */
  public get(name: string): RoleAlias | undefined {
    return this.stored.get(name)?.alias;
  }

  public operations(): IotOperations {
    const resources = ({ roleAlias }: { readonly roleAlias: string }): readonly string[] => [roleAliasArn(roleAlias)];
    const ofAlias = { isOurs: isAlias, resources: ({ resourceArn }: { readonly resourceArn: string }): readonly string[] => [resourceArn] };
    return {
      CreateRoleAlias: {
        resources, role: ({ roleArn }) => roleArn, rights: ({ roleAlias, tags }) => taggingRights(tags, roleAliasArn(roleAlias)),
        run: (request) => this.create(request),
      },
      DescribeRoleAlias: { resources, run: ({ roleAlias }) => ({ roleAliasDescription: this.existing(roleAlias).alias }) },
      UpdateRoleAlias: {
        resources,
        role: ({ roleAlias, roleArn }) => roleArn ?? this.get(roleAlias)?.roleArn,
        run: (request) => this.update(request),
      },
      DeleteRoleAlias: { resources, run: ({ roleAlias }) => this.delete(roleAlias) },
      ListRoleAliases: { run: (request) => this.list(request) },
      ListTagsForResource: {
        ...ofAlias,
        run: ({ resourceArn }) => ({ tags: [...this.existing(nameOf(resourceArn)).tags].map(([Key, Value]) => ({ Key, Value })) }),
      },
      TagResource: {
        ...ofAlias,
        run: ({ resourceArn, tags: given }) => {
          const { tags } = this.existing(nameOf(resourceArn));
          for (const [key, value] of tagMap(given)) {
            tags.set(key, value);
          }
          return {};
        },
      },
      UntagResource: {
        ...ofAlias,
        run: ({ resourceArn, tagKeys }) => {
          const { tags } = this.existing(nameOf(resourceArn));
          for (const key of tagKeys) {
            tags.delete(key);
          }
          return {};
        },
      },
    };
  }

  private async create({
    roleAlias: name, roleArn, credentialDurationSeconds: seconds = DEFAULT_DURATION, tags,
  }: IotInput<'CreateRoleAlias'>): Promise<object> {
    await this.checkRole(roleArn, seconds);
    if (this.stored.has(name)) {
      throw new ServiceError('ResourceAlreadyExistsException', `The role alias already exists: ${name}`, 409);
    }
    this.store(name, roleArn, seconds, now(), tagMap(tags));
    return { roleAlias: name, roleAliasArn: roleAliasArn(name) };
  }

  private async update({ roleAlias: name, ...change }: IotInput<'UpdateRoleAlias'>): Promise<object> {
    const { alias, tags } = this.existing(name);
    const { roleArn, credentialDurationSeconds: seconds } = { ...alias, ...change };
    await this.checkRole(roleArn, seconds);
    this.store(name, roleArn, seconds, alias.creationDate, tags);
    return { roleAlias: name, roleAliasArn: alias.roleAliasArn };
  }

  private async delete(name: string): Promise<object> {
    const { alias } = this.existing(name);
    this.stored.delete(name);
    const isUsed = [...this.stored.values()].some((other) => other.alias.roleArn === alias.roleArn);
    if (!isUsed) { // made by the credential provider
      await this.sessions.removeCopies(alias.roleArn);
    }
    return {};
  }

  private list({ pageSize = DEFAULT_PAGE, marker, ascendingOrder }: IotInput<'ListRoleAliases'>): object {
    const names = [...this.stored.keys()].sort();
    if (ascendingOrder === false) {
      names.reverse();
    }
    const start = marker === undefined ? 0 : names.indexOf(Buffer.from(marker, 'base64').toString()) + 1;
    const end = start + pageSize;
    const page = names.slice(start, end);
    return { roleAliases: page, ...(end < names.length ? { nextMarker: Buffer.from(page.at(-1) ?? '').toString('base64') } : {}) };
  }

  private store(name: string, roleArn: string, seconds: number, created: number, tags: Map<string, string>): void {
    this.stored.set(name, {
      tags,
      alias: {
        roleAlias: name,
        roleAliasArn: roleAliasArn(name),
        roleArn,
        owner: ACCOUNT,
        credentialDurationSeconds: seconds,
        creationDate: created,
        lastModifiedDate: now(),
      },
    });
  }

  private existing(name: string): Stored {
    const found = this.stored.get(name);
    if (!found) {
      throw new ServiceError('ResourceNotFoundException', `The role alias does not exist: ${name}`, 404);
    }
    return found;
  }

  private async checkRole(roleArn: string, seconds: number): Promise<void> {
    const role = await this.roles.find(roleArn);
    if (!role) {
      throw invalid(`The role does not exist: ${roleArn}`);
    }
    const longest = role.MaxSessionDuration ?? DEFAULT_DURATION;
    if (seconds > longest) {
      throw invalid(`credentialDurationSeconds ${seconds} exceeds the maximum session duration of the role, ${longest}: ${roleArn}`);
    }
  }
}

function taggingRights(tags: Tags = [], arn: string): readonly Right[] {
  return tags.length === 0 ? [] : [['iot:TagResource', arn]];
}

function tagMap(tags: Tags = []): Map<string, string> {
  return new Map(tags.map(({ Key, Value = '' }) => [Key, Value]));
}

/** Tags of everything else are the emulator's. */
function isAlias({ resourceArn }: Readonly<Record<string, unknown>>): boolean {
  return typeof resourceArn === 'string' && resourceArn.includes(ALIAS);
}

function nameOf(arn: string): string {
  return arn.slice(arn.indexOf(ALIAS) + ALIAS.length);
}

function now(): number {
  return Date.now() / 1000;
}
