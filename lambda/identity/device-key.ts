import type { DeviceKeyData, DeviceSecret } from '../../lib/identity/private/contract';
import { DeclarativeHandler } from '../shared/declarative-handler';
import type { PropertyReader } from '../shared/properties';
import { done, type Outcome } from '../shared/resource-handler';
import { makeKeyAndRequest } from './csr';
import type { Dependencies } from './dependencies';
import { DeviceSecretStore } from './device-secret';

interface Properties {
  readonly secretArn: string;
  readonly thingName: string;
}

/** Makes a device's key, once: what the secret holds already is used again, whoever asks. */
export class DeviceKey extends DeclarativeHandler<Properties> {
  public constructor(private readonly dependencies: Dependencies) {
    super(dependencies);
  }

  protected parse(properties: PropertyReader): Properties {
    return { secretArn: properties.text('SecretArn'), thingName: properties.text('ThingName') };
  }

  protected id({ secretArn }: Properties): string {
    return `DeviceKey ${secretArn}`;
  }

  protected async apply({ secretArn, thingName }: Properties): Promise<Outcome> {
    const store = new DeviceSecretStore(this.dependencies.secrets, secretArn);
    const secret = await store.read() ?? await this.make(store, thingName);
    return done({ CertificateSigningRequest: secret.certificateSigningRequest } satisfies Record<keyof DeviceKeyData, string>);
  }

  /** The key goes with its secret, which is a resource of the stack. */
  protected remove(): Promise<Outcome> {
    return Promise.resolve(done());
  }

  private async make(store: DeviceSecretStore, thingName: string): Promise<DeviceSecret> {
    const made: DeviceSecret = { thingName, ...makeKeyAndRequest(thingName) };
    const secret = await store.write('key', made) ? made : await store.read();
    if (secret === undefined) {
      throw new Error('another writer made the key, but the secret does not show it yet; try again');
    }
    return secret;
  }
}
