import { createHash, X509Certificate } from 'node:crypto';
import type * as http from 'node:http';
import {
  DescribeCertificateCommand, DescribeThingCommand, GetPolicyCommand, ListAttachedPoliciesCommand,
  ListThingPrincipalsCommand, type IoTClient,
} from '@aws-sdk/client-iot';
import { TLSSocket } from 'node:tls';
import { ACCOUNT, PARTITION, REGION, roleName } from '../service/account';
import { answering, listen, type RunningServer } from '../service/http-server';
import { errorText, isNamed } from '../service/errors';
import type { RequestLog, RoleAssumer } from '../service/contracts';
import type { DeviceAuthority, RoleFinder } from './contracts';
import { CREDENTIALS_SERVICE, DEFAULT_DURATION, roleAliasArn, type RoleAlias, type RoleAliasStore } from './role-aliases';

const FORBIDDEN = 403;
const PATH = /^\/role-aliases\/([^/]+)\/credentials$/;

export interface CredentialProviderOptions {
  readonly certificate: Buffer;
  readonly key: Buffer;
  /** The authority that signs the devices' certificates, as PEM. */
  readonly deviceCa: () => Promise<string>;
  readonly iot: IoTClient;
  readonly authority: DeviceAuthority;
  readonly sessions: Pick<RoleAssumer, 'assume'>;
  readonly aliases: Pick<RoleAliasStore, 'get'>;
  readonly roles: RoleFinder;
  readonly log: RequestLog;
}

/**
 * A refusal. Status, text and order of those that follow the certificate are AWS's, as
 * https://awslabs.github.io/aws-iot-core-credential-provider-session-helper/dev_notes.html lists them: thing name, IoT policy,
 * alias, role, duration. What AWS says about a certificate that is inactive or not sent is in no public source.
 */
class Refusal extends Error {
  public constructor(message: string, public readonly status = FORBIDDEN) { super(message); }
}

/** AWS IoT's credential provider: a device's certificate becomes a session of the role behind an alias. */
export async function startCredentialProvider(options: CredentialProviderOptions): Promise<RunningServer> {
  const provider = new CredentialProvider(options);
  // The chain is checked by us, since the emulator's authority does not exist yet when this server starts. That the
  // client holds the certificate's private key is checked by TLS itself.
  return listen(answering((request, response) => provider.serve(request, response)), {
    tls: { cert: options.certificate, key: options.key, requestCert: true, rejectUnauthorized: false },
  });
}

class CredentialProvider {
  public constructor(private readonly options: CredentialProviderOptions) {}

  public async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const time = new Date().toISOString();
    const [, encoded = ''] = PATH.exec(request.url ?? '') ?? [];
    const roleAlias = decodeURIComponent(encoded);
    const header = request.headers['x-amzn-iot-thingname'];
    const thingName = typeof header === 'string' ? header : undefined;
    const peer = request.socket instanceof TLSSocket ? request.socket.getPeerX509Certificate() : undefined;
    const certificateId = peer && createHash('sha256').update(peer.raw).digest('hex');
    let status = 200;
    let body: object;
    let problem: string | undefined;
    try {
      if (roleAlias === '' || request.method !== 'GET') {
        throw new Refusal('Not Found', 404);
      }
      body = await this.credentials(roleAlias, peer, certificateId, thingName);
    } catch (error) {
      status = error instanceof Refusal ? error.status : 500;
      problem = errorText(error);
      body = { message: problem };
    }
    this.options.log.append({
      time, service: 'IoT', operation: 'AssumeRoleWithCertificate', input: { roleAlias, thingName, certificateId }, status,
      ...(certificateId === undefined ? {} : { caller: certificateArn(certificateId) }),
      ...(problem === undefined ? {} : { error: problem }),
    });
    const type = status === FORBIDDEN ? { 'x-amzn-errortype': 'AccessDeniedException' } : {};
    response.writeHead(status, { 'content-type': 'application/json', ...type }).end(JSON.stringify(body));
  }

  private async credentials(
    roleAlias: string, peer: X509Certificate | undefined, certificateId: string | undefined, thingName: string | undefined,
  ): Promise<object> {
    if (!peer || certificateId === undefined) {
      throw new Refusal('Missing certificate');
    }
    const ca = new X509Certificate(await this.options.deviceCa());
    if (!peer.checkIssued(ca) || !peer.verify(ca.publicKey) || Date.parse(peer.validTo) < Date.now()) {
      throw new Refusal('Invalid certificate');
    }
    await this.requireActive(certificateId);
    const variables = { 'credentials-iot:AwsCertificateId': certificateId, ...await this.thingVariables(certificateId, thingName) };
    if (!await this.mayAssume(certificateArn(certificateId), roleAliasArn(roleAlias))) {
      throw new Refusal('Access Denied');
    }
    const alias = this.options.aliases.get(roleAlias);
    if (!alias) {
      throw new Refusal('Role alias does not exist', 404);
    }
    await this.requireRole(alias);
    const session = await this.options.sessions.assume(alias.roleArn, {
      sessionName: certificateId,
      duration: alias.credentialDurationSeconds,
      variables,
    });
    const { credentials, expiration, effectiveRoleArn } = session;
    this.options.authority.register(credentials.accessKeyId, {
      sessionToken: credentials.sessionToken, secretAccessKey: credentials.secretAccessKey, expiration,
      caller: { arn: `arn:${PARTITION}:sts::${ACCOUNT}:assumed-role/${roleName(alias.roleArn)}/${certificateId}`, roleArn: effectiveRoleArn, isRoot: false },
    });
    return { credentials: { ...credentials, expiration: expiration.toISOString().replace(/\.\d+Z$/, 'Z') } };
  }

  private async requireActive(certificateId: string): Promise<void> {
    try {
      const { certificateDescription: found } = await this.options.iot.send(new DescribeCertificateCommand({ certificateId }));
      if (found?.status === 'ACTIVE') {
        return;
      }
    } catch (error) {
      if (!isNamed(error, 'ResourceNotFoundException')) {
        throw error;
      }
    }
    throw new Refusal('Invalid certificate');
  }

  /** The role may have changed since the alias was made. */
  private async requireRole({ roleArn, credentialDurationSeconds: seconds }: RoleAlias): Promise<void> {
    const role = await this.options.roles.find(roleArn);
    if (!role || !await this.options.authority.trustsService(roleArn, CREDENTIALS_SERVICE)) {
      throw new Refusal('Unable to assume the role, or the role to assume does not exist', 400);
    }
    if (seconds > (role.MaxSessionDuration ?? DEFAULT_DURATION)) {
      throw new Refusal('The requested CredentialDurationSeconds exceeds the MaxSessionDuration set for the role', 400);
    }
  }

  private async mayAssume(target: string, aliasArn: string): Promise<boolean> {
    const { iot, authority } = this.options;
    const { policies = [] } = await iot.send(new ListAttachedPoliciesCommand({ target }));
    const documents = await Promise.all(policies.map(async ({ policyName }) => {
      const { policyDocument } = await iot.send(new GetPolicyCommand({ policyName }));
      return JSON.parse(policyDocument ?? '{}') as object;
    }));
    return authority.allows(documents, 'iot:AssumeRoleWithCertificate', aliasArn);
  }

  /** Without the header a role's thing variables stay unresolved, and so match nothing. */
  private async thingVariables(certificateId: string, thingName: string | undefined): Promise<Record<string, string>> {
    if (thingName === undefined) {
      return {};
    }
    const { iot } = this.options;
    try {
      const { principals = [] } = await iot.send(new ListThingPrincipalsCommand({ thingName }));
      if (!principals.includes(certificateArn(certificateId))) {
        throw new Refusal('Invalid thing name passed');
      }
      const { thingTypeName } = await iot.send(new DescribeThingCommand({ thingName }));
      return {
        'credentials-iot:ThingName': thingName,
        ...(typeof thingTypeName === 'string' ? { 'credentials-iot:ThingTypeName': thingTypeName } : {}),
      };
    } catch (error) {
      if (isNamed(error, 'ResourceNotFoundException')) {
        throw new Refusal('Invalid thing name passed');
      }
      throw error;
    }
  }
}

function certificateArn(id: string): string {
  return `arn:${PARTITION}:iot:${REGION}:${ACCOUNT}:cert/${id}`;
}
