import { createHash } from 'node:crypto';
import { SimulateCustomPolicyCommand, SimulatePrincipalPolicyCommand, type IAMClient } from '@aws-sdk/client-iam';
import { paginateListFunctions, type LambdaClient } from '@aws-sdk/client-lambda';
import { ACCOUNT, PARTITION, REGION, roleName, ROOT_ARN } from '../service/account';
import { UnknownCallerError, type Caller, type CallerAuthority, type Credentials, type KnownCaller } from '../service/contracts';
import { settleKey, settlePassedToService } from './pass-role';
import { Roles } from './roles';
import { trusts } from './trust';

const FRESH_MS = 2000;

interface Session extends KnownCaller { readonly sessionToken: string }

/** Who calls, and what they may: as the emulator's IAM decides it. Nobody who is unknown is let in. */
export class EmulatorAuthority implements CallerAuthority {
  private readonly roles: Roles;
  private readonly assumed = new Map<string, Session>();
  private functions = new Map<string, Session>();
  private readAt = 0;

  public constructor(private readonly root: Credentials, private readonly iam: IAMClient, private readonly lambda: LambdaClient) {
    this.roles = new Roles(iam);
  }

  /** Makes a session known that was given out beside the emulator's Lambda. */
  public register(accessKeyId: string, session: Session): void {
    this.assumed.set(accessKeyId, session);
  }

  public async identify(accessKeyId: string, sessionToken?: string): Promise<KnownCaller> {
    if (accessKeyId === this.root.accessKeyId && sessionToken === undefined) {
      return { caller: { arn: ROOT_ARN, isRoot: true }, secretAccessKey: this.root.secretAccessKey };
    }
    const session = this.assumed.get(accessKeyId) ?? await this.functionSession(accessKeyId);
    if (session?.sessionToken !== sessionToken || session === undefined) {
      throw new UnknownCallerError(`nobody in this local cloud has the access key ${accessKeyId} with this session token`);
    }
    return session;
  }

  public async authorize(caller: Caller, action: string, resourceArn: string): Promise<boolean> {
    if (caller.isRoot) {
      return true;
    }
    if (caller.roleArn === undefined) {
      return false;
    }
    const { EvaluationResults: results } = await this.iam.send(new SimulatePrincipalPolicyCommand({
      // the emulator looks a role up by what follows 'role/', and so finds none that has a path
      PolicySourceArn: `arn:${PARTITION}:iam::${ACCOUNT}:role/${roleName(caller.roleArn)}`,
      ActionNames: [action],
      ResourceArns: [resourceArn],
    }));
    return results?.[0]?.EvalDecision === 'allowed';
  }

  public async mayPassRole(caller: Caller, roleArn: string, service: string): Promise<boolean> {
    if (caller.isRoot) {
      return true;
    }
    if (caller.roleArn === undefined) {
      return false;
    }
    const documents = await this.roles.policies(caller.roleArn);
    return this.allows(documents.map((document) => settlePassedToService(document, service)), 'iam:PassRole', roleArn);
  }

  /** As `authorize`, where the emulator does not know what ECS says to `ecs:cluster`. */
  public async mayInCluster(caller: Caller, action: string, resourceArn: string, clusterArn: string): Promise<boolean> {
    if (caller.isRoot) {
      return true;
    }
    if (caller.roleArn === undefined) {
      return false;
    }
    const documents = await this.roles.policies(caller.roleArn);
    return this.allows(documents.map((document) => settleKey(document, 'ecs:cluster', clusterArn)), action, resourceArn);
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

  /** What a function of now signs with. */
  public async functionCredentials(accessKeyId: string): Promise<Credentials | undefined> {
    const session = await this.functionSession(accessKeyId);
    return session && { accessKeyId, secretAccessKey: session.secretAccessKey, sessionToken: session.sessionToken };
  }

  /** A function that was deleted or got another role a moment ago is no caller any more, hence the short memory. */
  private async functionSession(accessKeyId: string): Promise<Session | undefined> {
    const known = this.functions.get(accessKeyId);
    if (known && Date.now() - this.readAt < FRESH_MS) {
      return known;
    }
    const functions = new Map<string, Session>();
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
