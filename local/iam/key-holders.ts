import { GetRoleCommand, type IAMClient } from '@aws-sdk/client-iam';
import { GetCallerIdentityCommand, STSClient, type STSClientConfig } from '@aws-sdk/client-sts';
import { ACCOUNT, PARTITION, ROOT_ARN } from '../service/account';
import { ExpiredCallerError, type Caller, type Credentials, type KnownCaller } from '../service/contracts';
import { isNamed } from '../service/errors';
import type { AccessKeys } from './access-keys';
import { managedPolicy } from './managed-policy';

/** A caller with what a request of theirs must be signed with. */
export interface KeyHolder extends KnownCaller { readonly sessionToken: string | undefined }

/**
 * Who has a key that STS or IAM has given out to a user. The emulator's STS tells it at each call, since it alone knows what is over and
 * what was deleted. What a federated user may is not known here: nothing.
 */
export class KeyHolders {
  public constructor(
    private readonly keys: Pick<AccessKeys, 'given'>, private readonly iam: IAMClient,
    private readonly sts: Omit<STSClientConfig, 'credentials'>,
  ) {}

  /** Undefined for a key that nobody has. Throws `ExpiredCallerError` for a session that is over. */
  public async find(accessKeyId: string): Promise<KeyHolder | undefined> {
    const given = this.keys.given(accessKeyId);
    const arn = given && await this.arnOf(given);
    if (given === undefined || arn === undefined) {
      return undefined;
    }
    const { secretAccessKey, sessionToken, policies, policyArns } = given;
    const managed = await Promise.all(policyArns.map(async (policyArn) => managedPolicy(this.iam, policyArn)));
    const narrowed = policies.length + policyArns.length > 0;
    const sessionPolicies = [...policies, ...managed.flat().map((document) => JSON.stringify(document))];
    return { caller: { ...await this.callerOf(arn), ...narrowed ? { sessionPolicies } : {} }, secretAccessKey, sessionToken };
  }

  private async arnOf(credentials: Credentials): Promise<string | undefined> {
    const client = new STSClient({ ...this.sts, credentials });
    try {
      return (await client.send(new GetCallerIdentityCommand({}))).Arn;
    } catch (error) {
      if (isNamed(error, 'ExpiredToken', 'ExpiredTokenException')) {
        throw new ExpiredCallerError('The security token included in the request is expired');
      }
      if (isNamed(error, 'InvalidClientTokenId')) {
        return undefined;
      }
      throw error;
    } finally {
      client.destroy();
    }
  }

  private async callerOf(arn: string): Promise<Caller> {
    if (arn === ROOT_ARN) {
      return { arn, isRoot: true };
    }
    const [, role] = /:assumed-role\/([^/]+)\/[^/]+$/.exec(arn) ?? [];
    if (role !== undefined) {
      return { arn, roleArn: await this.roleArnOf(role), isRoot: false };
    }
    const [, userName] = /:user\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
    return { arn, isRoot: false, ...userName === undefined ? {} : { userName } };
  }

  /** The ARN of a session lacks the path of its role. */
  private async roleArnOf(RoleName: string): Promise<string> {
    try {
      const { Role: role } = await this.iam.send(new GetRoleCommand({ RoleName }));
      return role?.Arn ?? '';
    } catch (error) {
      if (isNamed(error, 'NoSuchEntity', 'NoSuchEntityException')) { // its sessions go on, and may do nothing
        return `arn:${PARTITION}:iam::${ACCOUNT}:role/${RoleName}`;
      }
      throw error;
    }
  }
}
