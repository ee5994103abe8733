import { randomBytes } from 'node:crypto';
import { answering, listen, type RunningServer } from '../service/http-server';
import { roleName, ACCOUNT, PARTITION } from '../service/account';
import type { TaskAuthority, TaskCredentials, TaskSessions } from './contracts';

const FRESH_MS = 5 * 60_000;

/** The variables by which an SDK in a task finds the credentials of the task's role. */
export interface CredentialVariables {
  readonly AWS_CONTAINER_CREDENTIALS_FULL_URI: string;
  readonly AWS_CONTAINER_AUTHORIZATION_TOKEN: string;
}

interface Grant { readonly roleArn: string; readonly taskId: string; known?: TaskCredentials }

/**
 * What 169.254.170.2 is to a task on AWS: gives a task the credentials of its role, by a token that this task alone has.
 * See https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html.
 */
export class TaskCredentialServer {
  private readonly grants = new Map<string, Grant>();
  private server: RunningServer | undefined;

  public constructor(private readonly sessions: TaskSessions, private readonly authority: TaskAuthority) {}

  public get url(): string {
    return this.server?.url ?? '';
  }

  public async start(): Promise<void> {
    this.server = await listen(answering(async ({ headers: { authorization = '' }, method }, response) => {
      const grant = this.grants.get(tokenOf(authorization));
      if (!grant || method !== 'GET') {
        response.writeHead(401, { 'content-type': 'application/json' }).end('{"code":"Unauthorized","message":"no task has this token"}');
        return;
      }
      const { accessKeyId, secretAccessKey, sessionToken, expiration, roleArn } = await this.credentials(grant);
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({
        RoleArn: roleArn, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token: sessionToken,
        Expiration: expiration.toISOString().replace(/\.\d+Z$/, 'Z'),
      }));
    }));
  }

  public grant(taskId: string, roleArn: string): CredentialVariables {
    const token = randomBytes(24).toString('base64url');
    this.sessions.hold(roleArn);
    this.grants.set(token, { roleArn, taskId });
    return { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${this.url}/`, AWS_CONTAINER_AUTHORIZATION_TOKEN: token };
  }

  /** A task that is over has no credentials any more. */
  public async revoke(taskId: string): Promise<void> {
    const ended = [...this.grants].filter(([, grant]) => grant.taskId === taskId);
    for (const [token] of ended) {
      this.grants.delete(token);
    }
    await Promise.all(ended.map(async ([, { roleArn }]) => this.sessions.release(roleArn)));
  }

  public async close(): Promise<void> {
    await this.server?.close();
  }

  private async credentials(grant: Grant): Promise<TaskCredentials> {
    if (grant.known && grant.known.expiration.getTime() - Date.now() > FRESH_MS) {
      return grant.known;
    }
    const { roleArn, taskId } = grant;
    const { credentials, expiration, effectiveRoleArn } = await this.sessions.assume(roleArn, { sessionName: taskId });
    this.authority.register(credentials.accessKeyId, {
      sessionToken: credentials.sessionToken, secretAccessKey: credentials.secretAccessKey, expiration,
      caller: {
        arn: `arn:${PARTITION}:sts::${ACCOUNT}:assumed-role/${roleName(roleArn)}/${taskId}`, roleArn: effectiveRoleArn, isRoot: false,
      },
    });
    grant.known = { ...credentials, expiration, roleArn };
    return grant.known;
  }
}

/** SDKs send the token as it is; some put a scheme before it. */
function tokenOf(header: string): string {
  return header.replace(/^Bearer /, '');
}
