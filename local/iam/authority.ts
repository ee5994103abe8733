import { createHash } from 'node:crypto';
import { SimulateCustomPolicyCommand, SimulatePrincipalPolicyCommand, type IAMClient } from '@aws-sdk/client-iam';
import { paginateListFunctions, type LambdaClient } from '@aws-sdk/client-lambda';
import { ACCOUNT, PARTITION, REGION, roleName, ROOT_ARN } from '../service/account';
import {
  ExpiredCallerError, UnknownCallerError, type Caller, type CallerAuthority, type Credentials, type KnownCaller, type KnownSession,
} from '../service/contracts';
import type { KeyHolders } from './key-holders';
import { settleKey, settlePassedToService } from './pass-role';
import { parsePolicy, type PolicyDocument } from './policy';
import { Roles } from './roles';
import { trusts } from './trust';
import { Users } from './users';

const FRESH_MS = 2000;

/** That of a function goes on for as long as the function has its role. */
type FunctionSession = Omit<KnownSession, 'expiration'>;
type Settle = (document: PolicyDocument) => PolicyDocument;

/** Who calls, and what they may: as the emulator's IAM decides it. Nobody who is unknown is let in. */
export class EmulatorAuthority implements CallerAuthority {
  private readonly roles: Roles;
  private readonly users: Users;
  private readonly assumed = new Map<string, KnownSession>();
  private functions = new Map<string, FunctionSession>();
  private readAt = 0;

  /** `holders`: who has a key that no service was given. */
  public constructor(
    private readonly root: Credentials, private readonly iam: IAMClient, private readonly lambda: LambdaClient,
    private readonly holders: Pick<KeyHolders, 'find'>,
  ) {
    this.roles = new Roles(iam);
    this.users = new Users(iam);
  }

  /** Makes a session known that a service has given out. */
  public register(accessKeyId: string, session: KnownSession): void {
    this.assumed.set(accessKeyId, session);
  }

  public async identify(accessKeyId: string, sessionToken?: string): Promise<KnownCaller> {
    if (accessKeyId === this.root.accessKeyId && sessionToken === undefined) {
      return { caller: { arn: ROOT_ARN, isRoot: true }, secretAccessKey: this.root.secretAccessKey };
    }
    const assumed = this.assumed.get(accessKeyId);
    const session = assumed ?? await this.holders.find(accessKeyId) ?? await this.functionSession(accessKeyId);
    if (session?.sessionToken !== sessionToken || session === undefined) {
      throw new UnknownCallerError(`nobody in this local cloud has the access key ${accessKeyId} with this session token`);
    }
    if (assumed && assumed.expiration.getTime() <= Date.now()) {
      throw new ExpiredCallerError(`the session of ${assumed.caller.arn} ended at ${assumed.expiration.toISOString()}`);
    }
    return session;
  }

  public async authorize(caller: Caller, action: string, resourceArn: string): Promise<boolean> {
    if (caller.isRoot) {
      return true;
    }
    const source = policySource(caller);
    if (source === undefined) {
      return false;
    }
    const { EvaluationResults: results } = await this.iam.send(new SimulatePrincipalPolicyCommand({
      PolicySourceArn: source, ActionNames: [action], ResourceArns: [resourceArn],
    }));
    return results?.[0]?.EvalDecision === 'allowed' && this.sessionAllows(caller, action, resourceArn);
  }

  public async mayPassRole(caller: Caller, roleArn: string, service: string): Promise<boolean> {
    return this.may(caller, 'iam:PassRole', roleArn, (document) => settlePassedToService(document, service));
  }

  /** As `authorize`, where the emulator does not know what ECS says to `ecs:cluster`. */
  public async mayInCluster(caller: Caller, action: string, resourceArn: string, clusterArn: string): Promise<boolean> {
    return this.may(caller, action, resourceArn, (document) => settleKey(document, 'ecs:cluster', clusterArn));
  }

  public async trustsService(roleArn: string, service: string): Promise<boolean> {
    const document = await this.roles.trust(roleArn);
    return document !== undefined && trusts(document, { service, account: ACCOUNT, region: REGION, partition: PARTITION });
  }

  /** What these documents, and nothing else, say. */
  public async allows(documents: readonly object[], action: string, resourceArn: string): Promise<boolean> {
    if (documents.length === 0) {
      return false;
    }
    const { EvaluationResults: results } = await this.iam.send(new SimulateCustomPolicyCommand({
      PolicyInputList: documents.map((document) => JSON.stringify(document)), ActionNames: [action], ResourceArns: [resourceArn],
    }));
    return results?.[0]?.EvalDecision === 'allowed';
  }

  /** By the documents themselves, of which a key is settled that the emulator does not know. */
  private async may(caller: Caller, action: string, resourceArn: string, settle: Settle): Promise<boolean> {
    if (caller.isRoot) {
      return true;
    }
    const documents = await this.policies(caller);
    return await this.allows(documents.map(settle), action, resourceArn) && this.sessionAllows(caller, action, resourceArn, settle);
  }

  private async sessionAllows(
    { sessionPolicies }: Caller, action: string, resourceArn: string, settle: Settle = (document) => document,
  ): Promise<boolean> {
    return sessionPolicies === undefined || this.allows(sessionPolicies.map((text) => settle(parsePolicy(text))), action, resourceArn);
  }

  private async policies({ roleArn, userName }: Caller): Promise<PolicyDocument[]> {
    if (roleArn !== undefined) {
      return this.roles.policies(roleArn);
    }
    return userName === undefined ? [] : this.users.policies(userName);
  }

  /** What a function of now signs with. */
  public async functionCredentials(accessKeyId: string): Promise<Credentials | undefined> {
    const session = await this.functionSession(accessKeyId);
    return session && { accessKeyId, secretAccessKey: session.secretAccessKey, sessionToken: session.sessionToken };
  }

  /** A function that was deleted or got another role a moment ago is no caller any more, hence the short memory. */
  private async functionSession(accessKeyId: string): Promise<FunctionSession | undefined> {
    const known = this.functions.get(accessKeyId);
    if (known && Date.now() - this.readAt < FRESH_MS) {
      return known;
    }
    const functions = new Map<string, FunctionSession>();
    for await (const page of paginateListFunctions({ client: this.lambda }, {})) {
      for (const { FunctionArn, FunctionName, Role: roleArn } of page.Functions ?? []) {
        if (FunctionArn === undefined || FunctionName === undefined || roleArn === undefined) {
          continue;
        }
        const { accessKeyId: key, ...secrets } = functionKey(FunctionArn, roleArn);
        functions.set(key, {
          ...secrets,
          caller: { arn: `arn:${PARTITION}:sts::${ACCOUNT}:assumed-role/${roleName(roleArn)}/${FunctionName}`, roleArn, isRoot: false },
        });
      }
    }
    [this.functions, this.readAt] = [functions, Date.now()];
    return functions.get(accessKeyId);
  }
}

/** The emulator looks a role or a user up by what follows 'role/' or 'user/', and so finds none that has a path. */
function policySource({ roleArn, userName }: Caller): string | undefined {
  if (roleArn !== undefined) {
    return `arn:${PARTITION}:iam::${ACCOUNT}:role/${roleName(roleArn)}`;
  }
  return userName === undefined ? undefined : `arn:${PARTITION}:iam::${ACCOUNT}:user/${userName}`;
}

/** The session that the emulator gives to a function's code. */
export function functionKey(functionArn: string, roleArn: string): Required<Credentials> {
  const digest = sha256(`${functionArn}:${roleArn}`);
  return {
    accessKeyId: `ASIA${digest.slice(0, 16).toUpperCase()}`,
    secretAccessKey: sha256(`secret:${digest}`),
    sessionToken: sha256(`token:${digest}`),
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
