import type { DeviceKeyData, DeviceSecret } from '../../lib/identity/private/contract';
import type { SecretsApi } from './clients';
import { makeKeyAndRequest } from './csr';
import { DeviceSecretStore } from './device-secret';
import type { Properties, ResourceHandler } from './events';
import { text } from './events';

/** Makes a device's key, once: what the secret holds already is used again, whoever asks. */
export class DeviceKey implements ResourceHandler {
  public constructor(private readonly secrets: SecretsApi) {}

  public id(properties: Properties): string {
    return `DeviceKey ${text(properties, 'SecretArn')}`;
  }

  public async apply(properties: Properties): Promise<Record<keyof DeviceKeyData, string>> {
    const store = new DeviceSecretStore(this.secrets, text(properties, 'SecretArn'));
    const secret = await store.read() ?? await this.make(store, text(properties, 'ThingName'));
    return { CertificateSigningRequest: secret.certificateSigningRequest };
  }

  /** The key goes with its secret, which is a resource of the stack. */
  public remove(): Promise<boolean> {
    return Promise.resolve(true);
  }

  private async make(store: DeviceSecretStore, thingName: string): Promise<DeviceSecret> {
    const made: DeviceSecret = { thingName, ...makeKeyAndRequest(thingName) };
    const secret = await store.write('key', made) ? made : await store.read();
    if (secret === undefined) { throw new Error('another writer made the key, but the secret does not show it yet; try again'); }
    return secret;
  }
}
