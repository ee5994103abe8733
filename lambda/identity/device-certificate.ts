import type { DeviceCertificateData } from '../../lib/identity/private/contract';
import { DeclarativeHandler } from '../shared/declarative-handler';
import { ignoringNotFound } from '../shared/errors';
import { log } from '../shared/log';
import type { PollEvent } from '../shared/events';
import type { PropertyReader } from '../shared/properties';
import { done, waiting, type Outcome } from '../shared/resource-handler';
import type { Dependencies } from './dependencies';
import { DeviceSecretStore } from './device-secret';

/** IoT needs seconds to detach. The provider's own timeout of 15 minutes has no message that helps. */
const PATIENCE_MINUTES = 10;

interface Properties {
  readonly certificateId: string;
  readonly certificateArn: string;
  readonly thingName: string;
  /** Absent where the device has the key. */
  readonly secretArn: string | undefined;
}

/**
 * Puts the certificate beside its key. On Delete it waits until the thing has let go of the certificate: detaching is
 * asynchronous, and until it is over neither the certificate nor the thing can be deleted.
 */
export class DeviceCertificate extends DeclarativeHandler<Properties> {
  public constructor(private readonly dependencies: Dependencies) {
    super(dependencies);
  }

  protected parse(properties: PropertyReader): Properties {
    return {
      certificateId: properties.text('CertificateId'),
      certificateArn: properties.text('CertificateArn'),
      thingName: properties.text('ThingName'),
      secretArn: properties.optionalText('SecretArn'),
    };
  }

  protected id({ certificateId }: Properties): string {
    return `DeviceCertificate ${certificateId}`;
  }

  protected async apply(properties: Properties): Promise<Outcome> {
    const { certificateId, secretArn } = properties;
    const { certificateDescription } = await this.dependencies.iot.describeCertificate({ certificateId });
    const certificatePem = certificateDescription?.certificatePem;
    if (!certificatePem) {
      throw new Error(`IoT does not give the PEM of certificate ${certificateId}`);
    }
    if (secretArn !== undefined) {
      await this.complete(secretArn, properties, certificatePem);
    }
    return done({ CertificatePem: certificatePem } satisfies Record<keyof DeviceCertificateData, string>);
  }

  protected async remove({ certificateArn, certificateId, thingName }: Properties, event: PollEvent): Promise<Outcome> {
    if (!await this.isAttached(thingName, certificateArn)) {
      log('a certificate goes: a device that still has it obtains no credentials any more', { thing: thingName, certificate: certificateId });
      return done();
    }
    return waiting(`thing ${thingName} to let go of certificate ${certificateArn}`, {
      at: event.Since + PATIENCE_MINUTES * 60_000,
      reason: `certificate ${certificateArn} is still attached to thing ${thingName} ten minutes after the stack detached it; `
        + 'see who attached it again, detach it (iot:DetachThingPrincipal) and delete the stack again',
    });
  }

  private async complete(secretArn: string, { certificateId, certificateArn }: Properties, certificatePem: string): Promise<void> {
    const store = new DeviceSecretStore(this.dependencies.secrets, secretArn);
    const secret = await store.read();
    if (secret === undefined) {
      throw new Error(`secret ${secretArn} has lost the key of certificate ${certificateId}`);
    }
    if (secret.certificateId === certificateId) {
      return;
    }
    await store.write(certificateId, { ...secret, certificateId, certificateArn, certificatePem });
  }

  private async isAttached(thingName: string, certificateArn: string): Promise<boolean> {
    let nextToken: string | undefined;
    do {
      const token = nextToken;
      const page = await ignoringNotFound(() => this.dependencies.iot.listThingPrincipals({ thingName, nextToken: token }));
      if (page?.principals?.includes(certificateArn)) {
        return true;
      }
      nextToken = page?.nextToken; // a thing that is gone holds nothing
    } while (nextToken !== undefined);
    return false;
  }
}
