import { deviceScript } from '../../private/assets';
import { reportedSetup } from './machine-report';

/** The settings in the user data of a machine. None of them changes with models, configuration or the version of the agent. */
export interface UserDataSettings {
  readonly region: string;
  readonly bucketName: string;
  readonly manifestKey: string;
  readonly reportKey: string;
  readonly inputPrefix: string;
}

/** Runs as root at each start. It downloads the bootstrap that the manifest names. Without a network it keeps the present one. */
export function fetchScript(): string {
  return deviceScript('device/fetch.sh', { READ_MANIFEST_JS: deviceScript('device/read-manifest.js') });
}

/**
 * The unit of the bootstrap. The bootstrap writes units and folders, and controls systemd, which needs CAP_SYS_ADMIN.
 * It runs as root with few other capabilities.
 */
export function bootstrapUnit(): string {
  return deviceScript('device/sagemaker-edge-bootstrap.service');
}

/**
 * The user data of a machine. The script itself reports what fails before the bootstrap runs.
 * @param before commands that run first
 */
export function userData(settings: UserDataSettings, before = ''): string {
  return deviceScript('device/setup.sh', {
    REPORT_SH: `${reportedSetup(settings)}${before}`,
    REGION: settings.region,
    BUCKET: settings.bucketName,
    MANIFEST_KEY: settings.manifestKey,
    REPORT_KEY: settings.reportKey,
    INPUT_PREFIX: settings.inputPrefix,
    FETCH_SH: fetchScript(),
    BOOTSTRAP_SERVICE: bootstrapUnit(),
  });
}
