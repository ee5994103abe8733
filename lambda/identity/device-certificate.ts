import type { DeviceCertificateData } from '../../lib/identity/private/contract';
import { isNotFound } from '../shared/errors';
import type { Clients } from './clients';
import { DeviceSecretStore } from './device-secret';
import type { Properties, ResourceHandler } from './events';
import { optionalText, text } from './events';

/**
 * Puts the certificate beside its key, and, on Delete, waits until the thing has let go of the certificate: detaching
 * is asynchronous, and until it is over neither the certificate nor the thing can be deleted.
 */
export class DeviceCertificate implements ResourceHandler {
  public constructor(private readonly clients: Clients, private readonly now: () => number) {}

  public id(properties: Properties): string {
    return `DeviceCertificate ${text(properties, 'CertificateId')}`;
  }

  public async apply(properties: Properties): Promise<Record<keyof DeviceCertificateData, string>> {
    const certificateId = text(properties, 'CertificateId');
    const secretArn = optionalText(properties, 'SecretArn');
    const { certificateDescription } = await this.clients.iot.describeCertificate({ certificateId });
    const certificatePem = certificateDescription?.certificatePem;
    if (!certificatePem) { throw new Error(`IoT does not give the PEM of certificate ${certificateId}`); }
    if (secretArn) { await this.complete(secretArn, { certificateId, certificateArn: text(properties, 'CertificateArn'), certificatePem }); }
    return { CertificatePem: certificatePem };
  }

  public async remove(properties: Properties, giveUpAt: number): Promise<boolean> {
    const certificateArn = text(properties, 'CertificateArn');
    const thingName = text(properties, 'ThingName');
    if (!await this.isAttached(thingName, certificateArn)) { return true; }
    if (this.now() < giveUpAt) { return false; }
    throw new Error(`certificate ${certificateArn} is still attached to thing ${thingName} ten minutes after the stack detached it; see who attached it again, detach it (iot:DetachThingPrincipal) and delete the stack again`);
  }

  private async complete(secretArn: string, certificate: { certificateId: string; certificateArn: string; certificatePem: string }): Promise<void> {
    const store = new DeviceSecretStore(this.clients.secrets, secretArn);
    const secret = await store.read();
    if (secret === undefined) { throw new Error(`secret ${secretArn} has lost the key of certificate ${certificate.certificateId}`); }
    if (secret.certificateId === certificate.certificateId) { return; }
    await store.write(certificate.certificateId, { ...secret, ...certificate });
  }

  private async isAttached(thingName: string, certificateArn: string): Promise<boolean> {
    let nextToken: string | undefined;
    do {
      const page = await this.listPrincipals(thingName, nextToken);
      if (page.principals?.includes(certificateArn)) { return true; }
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return false;
  }

  private async listPrincipals(thingName: string, nextToken?: string): Promise<{ principals?: string[]; nextToken?: string }> {
    try {
      return await this.clients.iot.listThingPrincipals({ thingName, nextToken });
    } catch (error) {
      if (isNotFound(error)) { return {}; } // a thing that is gone holds nothing
      throw error;
    }
  }
}
