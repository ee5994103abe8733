import { createHash } from 'node:crypto';
import type { DeviceSecret } from '../../lib/identity/private/contract';
import { isNotFound, serviceError } from '../shared/errors';
import { isRecord } from '../shared/properties';
import type { SecretsApi } from './dependencies';

/** The secret of one device. No message made here holds any of its content. */
export class DeviceSecretStore {
  public constructor(private readonly secrets: SecretsApi, private readonly secretArn: string) {}

  /** What the secret holds. Undefined as long as nothing was written. */
  public async read(): Promise<DeviceSecret | undefined> {
    const content = await this.readText();
    if (content === undefined || content === '') {
      return undefined;
    }
    const secret = parse(content);
    if (secret === undefined) {
      throw new Error(`secret ${this.secretArn} holds something that is not a device's key and certificate; `
        + 'give it back what it had, or delete the device and make it anew');
    }
    return secret;
  }

  /**
   * Writes a version under a token made of `purpose`: of two writers with the same purpose, the first wins.
   * @returns whether this one did
   */
  public async write(purpose: string, secret: DeviceSecret): Promise<boolean> {
    try {
      await this.secrets.putSecretValue({
        SecretId: this.secretArn,
        SecretString: JSON.stringify(secret),
        ClientRequestToken: createHash('sha256').update(`${this.secretArn} ${purpose}`).digest('hex'),
      });
      return true;
    } catch (error) {
      if (serviceError(error).name === 'ResourceExistsException') {
        return false;
      }
      throw error;
    }
  }

  private async readText(): Promise<string | undefined> {
    try {
      return (await this.secrets.getSecretValue({ SecretId: this.secretArn })).SecretString;
    } catch (error) {
      if (isNotFound(error)) { // no version yet
        return undefined;
      }
      throw error;
    }
  }
}

function parse(content: string): DeviceSecret | undefined {
  try {
    const value: unknown = JSON.parse(content);
    return isDeviceSecret(value) ? value : undefined;
  } catch {
    return undefined; // the parser's message would quote the content
  }
}

function isDeviceSecret(value: unknown): value is DeviceSecret {
  return isRecord(value) && typeof value.thingName === 'string' && typeof value.privateKeyPem === 'string'
    && typeof value.certificateSigningRequest === 'string';
}
