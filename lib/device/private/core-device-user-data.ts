import { deviceScript } from '../../private/assets';
import { reportedSetup } from './machine-report';

/** What a core device is told when it is made. All of it is part of who the device is: another value is another machine. */
export interface CoreDeviceSettings {
  readonly region: string;
  readonly thingName: string;
  /** Certificate and private key, as the device's certificate keeps them. */
  readonly secretArn: string;
  /** Another certificate in the same secret is another identity. */
  readonly certificateId: string;
  readonly roleAliasName: string;
  readonly credentialEndpoint: string;
  readonly dataEndpoint: string;
  readonly nucleusVersion: string;
  readonly nucleusUri: string;
  /** Empty: the archive's signature is verified instead. */
  readonly nucleusSha256: string;
  /** Where it says how the setup went. */
  readonly bucketName: string;
  /** With `$instance` for the machine's id: an object for each. */
  readonly reportKey: string;
}

/** Installs nucleus classic as AWS's developer guide says for manual provisioning, with the archive verified. */
export function coreDeviceUserData(settings: CoreDeviceSettings): string {
  return deviceScript('core-device/setup.sh', {
    REPORT_SH: reportedSetup(settings, 'the nucleus runs'),
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
