import { deviceScript } from '../../private/assets';
import { reportedSetup } from './machine-report';

/** What a machine is told when it is made. None of it changes with models, configuration or the agent's version. */
export interface UserDataSettings {
  readonly region: string;
  readonly bucketName: string;
  readonly manifestKey: string;
  readonly reportKey: string;
  readonly inputPrefix: string;
}

/** Runs as root at each start: takes the bootstrap that the manifest names. Without network the one that is there goes on. */
export function fetchScript(): string {
  return deviceScript('device/fetch.sh', { READ_MANIFEST_JS: deviceScript('device/read-manifest.js') });
}

/** The bootstrap writes units and folders and is obeyed by systemd, which asks for CAP_SYS_ADMIN: it is root, and little more than that. */
export function bootstrapUnit(): string {
  return deviceScript('device/sagemaker-edge-bootstrap.service');
}

/** The whole user data. What goes wrong before the bootstrap can say so is reported by the script itself. */
export function userData(settings: UserDataSettings): string {
  return deviceScript('device/setup.sh', {
    REPORT_SH: reportedSetup(settings),
    REGION: settings.region,
    BUCKET: settings.bucketName,
    MANIFEST_KEY: settings.manifestKey,
    REPORT_KEY: settings.reportKey,
    INPUT_PREFIX: settings.inputPrefix,
    FETCH_SH: fetchScript(),
    BOOTSTRAP_SERVICE: bootstrapUnit(),
  });
}
