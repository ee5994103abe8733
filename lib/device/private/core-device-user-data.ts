import { deviceScript } from '../../private/assets';
import { reportedSetup } from './machine-report';

/** The settings in the user data of a core device. A new value replaces the machine. */
export interface CoreDeviceSettings {
  readonly region: string;
  readonly thingName: string;
  /** The secret with the certificate and the private key of the device. */
  readonly secretArn: string;
  /** The ID of the certificate in the secret. A new certificate is a new identity. */
  readonly certificateId: string;
  readonly roleAliasName: string;
  readonly credentialEndpoint: string;
  readonly dataEndpoint: string;
  readonly nucleusVersion: string;
  readonly nucleusUri: string;
  /** The digest of the archive. If it is empty, the signature of the archive is verified instead. */
  readonly nucleusSha256: string;
  /** The bucket for the report of the setup. */
  readonly bucketName: string;
  /** The key of the report, with `$instance` for the ID of the machine: each machine has its own report. */
  readonly reportKey: string;
}

/**
 * The user data of a core device. It installs nucleus classic by manual provisioning, as AWS's developer guide says,
 * and verifies the archive.
 * @param before commands that run first
 */
export function coreDeviceUserData(settings: CoreDeviceSettings, before = ''): string {
  return deviceScript('core-device/setup.sh', {
    REPORT_SH: `${reportedSetup(settings, 'the nucleus runs')}${before}`,
    REGION: settings.region,
    THING_NAME: settings.thingName,
    SECRET_ARN: settings.secretArn,
    CERTIFICATE_ID: settings.certificateId,
    ROLE_ALIAS: settings.roleAliasName,
    CREDENTIAL_ENDPOINT: settings.credentialEndpoint,
    DATA_ENDPOINT: settings.dataEndpoint,
    NUCLEUS_VERSION: settings.nucleusVersion,
    NUCLEUS_URI: settings.nucleusUri,
    NUCLEUS_SHA256: settings.nucleusSha256,
    BUCKET: settings.bucketName,
    REPORT_KEY: settings.reportKey,
    NO_METADATA_SERVICE: deviceScript('core-device/sagemaker-edge-no-metadata.service'),
    READ_SECRET_JS: deviceScript('core-device/read-secret.js'),
  });
}
