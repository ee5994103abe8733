import { aws_iam as iam } from 'aws-cdk-lib';
import { viaSecretsManager } from './private/device-secret';
import { ValidationError } from '../private/validation';
import type { IDeviceCertificate } from './device-certificate';

/** Collection of grant methods for a `DeviceCertificate`. */
export class DeviceCertificateGrants {
  /** Creates the grants of a certificate. */
  public static fromDeviceCertificate(certificate: IDeviceCertificate): DeviceCertificateGrants {
    return new DeviceCertificateGrants(certificate);
  }

  private constructor(private readonly certificate: IDeviceCertificate) {}

  /**
   * Grant read access to the secret with the private key to a principal, with its KMS key. It is meant for the one machine that is the
   * device: whoever has the key is the device. Never grant it to a role that devices share.
   */
  public readSecret(grantee: iam.IGrantable): iam.Grant {
    const { encryptionKey, secretArn } = this.certificate;
    if (secretArn === undefined) {
      throw new ValidationError(
        this.certificate,
        'readSecret needs a certificate whose key the stack keeps in a secret, '
        + 'got one whose key is on the device, or an import without secretArn',
      );
    }
    const read = iam.Grant.addToPrincipal({ grantee, actions: ['secretsmanager:GetSecretValue'], resourceArns: [secretArn] });
    return encryptionKey === undefined ? read : read.combine(iam.Grant.addToPrincipal({
      grantee, actions: ['kms:Decrypt'], resourceArns: [encryptionKey.keyRef.keyArn], conditions: viaSecretsManager(this.certificate),
    }));
  }
}
