import { createHash } from 'node:crypto';
import {
  CreateRoleCommand, DeleteRoleCommand, DeleteRolePolicyCommand, paginateListRolePolicies, paginateListRoles, PutRolePolicyCommand,
  type IAMClient,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts';
import { roleName, ROOT_ARN } from '../service/account';
import type { RoleAssumer, RoleSession, SessionOptions } from '../service/contracts';
import { isNamed } from '../service/errors';
import { Roles } from './roles';

const COPY_PREFIX = 'local-cloud-copy-';

/**
 * Sessions of roles that services assume. The emulator evaluates neither the policy variables of a service nor what a
 * service says about itself to a trust policy with conditions: for such a role a copy is assumed, whose policies have
 * the variables filled in and which trusts root. Whether the service may assume the role is for the caller to check.
 */
export class RoleSessions implements RoleAssumer {
  private readonly roles: Roles;
  private readonly users = new Map<string, number>();
  private turn: Promise<unknown> = Promise.resolve();

  public constructor(private readonly iam: IAMClient, private readonly sts: STSClient) {
    this.roles = new Roles(iam);
  }

  public async assume(roleArn: string, { sessionName, duration, variables = {} }: SessionOptions): Promise<RoleSession> {
    const plain = Object.keys(variables).length === 0 && !await this.hasConditions(roleArn);
    const effectiveRoleArn = plain ? roleArn : await this.inTurn(async () => this.copy(roleArn, variables));
    const { Credentials: given } = await this.sts.send(new AssumeRoleCommand({
      RoleArn: effectiveRoleArn,
      RoleSessionName: sessionName,
      DurationSeconds: duration,
    }));
    if (
      given?.AccessKeyId === undefined || given.SecretAccessKey === undefined
      || given.SessionToken === undefined || given.Expiration === undefined
    ) {
      throw new Error(`sts:AssumeRole of ${effectiveRoleArn} gave no credentials`);
    }
    return {
      effectiveRoleArn, expiration: given.Expiration,
      credentials: { accessKeyId: given.AccessKeyId, secretAccessKey: given.SecretAccessKey, sessionToken: given.SessionToken },
    };
  }

  /** A session for the length of `work`; a copy that it needed goes with its last user. */
  public async during<T>(roleArn: string, options: SessionOptions, work: (session: RoleSession) => Promise<T>): Promise<T> {
    this.hold(roleArn);
    try {
      return await work(await this.assume(roleArn, options));
    } finally {
      await this.release(roleArn);
    }
  }

  /** From now on the copies of a role stay, until as many calls of `release`: for sessions that others have. */
  public hold(roleArn: string): void {
    this.users.set(roleArn, (this.users.get(roleArn) ?? 0) + 1);
  }

  public async release(roleArn: string): Promise<void> {
    const left = (this.users.get(roleArn) ?? 1) - 1;
    this.users.set(roleArn, left);
    if (left === 0) {
      await this.removeCopies(roleArn, () => this.users.get(roleArn) === 0);
    }
  }

  /** Removes the copies of a role, if that is still wanted when its turn has come. */
  public async removeCopies(roleArn: string, wanted = (): boolean => true): Promise<void> {
    await this.inTurn(async () => {
      if (!wanted()) {
        return;
      }
      for await (const page of paginateListRoles({ client: this.iam }, {})) {
        for (const { RoleName } of page.Roles ?? []) {
          if (RoleName?.startsWith(copyPrefix(roleArn)) !== true) {
            continue;
          }
          await goneIsGone(this.dropPolicies(RoleName, new Set()));
          await goneIsGone(this.iam.send(new DeleteRoleCommand({ RoleName })));
        }
      }
    });
  }

  private async hasConditions(roleArn: string): Promise<boolean> {
    const trust = await this.roles.trust(roleArn);
    return trust?.Statement.some((statement) => statement.Condition !== undefined) === true;
  }

  /** Making and removing copies must not overlap. */
  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.turn.then(work, work);
    this.turn = mine.catch(() => undefined);
    return mine;
  }

  /** Made anew or brought up to date, so that it follows the role's policies. */
  private async copy(roleArn: string, variables: Readonly<Record<string, string>>): Promise<string> {
    const RoleName = `${copyPrefix(roleArn)}${hash(JSON.stringify(variables))}`;
    const AssumeRolePolicyDocument = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: ROOT_ARN } }],
    });
    const documents = (await this.roles.policies(roleArn)).map((document) => fillIn(JSON.stringify(document), variables));
    try {
      await this.iam.send(new CreateRoleCommand({
        RoleName,
        AssumeRolePolicyDocument,
        MaxSessionDuration: 43200,
        Description: `${roleArn} with policy variables filled in`,
      }));
    } catch (error) {
      if (!isNamed(error, 'EntityAlreadyExists', 'EntityAlreadyExistsException')) {
        throw error;
      }
    }
    const names = new Set(documents.map((_, index) => `policy-${index}`));
    await this.dropPolicies(RoleName, names);
    for (const [index, PolicyDocument] of documents.entries()) {
      await this.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: `policy-${index}`, PolicyDocument }));
    }
    return `${roleArn.slice(0, roleArn.indexOf(':role/'))}:role/${RoleName}`;
  }

  private async dropPolicies(RoleName: string, keep: ReadonlySet<string>): Promise<void> {
    for await (const page of paginateListRolePolicies({ client: this.iam }, { RoleName })) {
      for (const PolicyName of page.PolicyNames ?? []) {
        if (!keep.has(PolicyName)) {
          await goneIsGone(this.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })));
        }
      }
    }
  }
}

/** A deletion whose answer was lost is sent again by the SDK, and then finds nothing. */
async function goneIsGone(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion;
  } catch (error) {
    if (!isNamed(error, 'NoSuchEntity', 'NoSuchEntityException')) {
      throw error;
    }
  }
}

/** `${name}` → value in a policy's text. Unknown variables stay, and so match nothing. */
export function fillIn(policy: string, variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables).reduce(
    (text, [name, value]) => text.replaceAll(`\${${name}}`, JSON.stringify(value).slice(1, -1)),
    policy,
  );
}

function copyPrefix(roleArn: string): string {
  return `${COPY_PREFIX}${hash(roleName(roleArn))}-`;
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
