import { deviceScript } from '../../private/assets';

/** Where a machine's setup says how it went. */
export interface ReportPlace {
  readonly region: string;
  readonly bucketName: string;
  /** May name `$instance`. */
  readonly reportKey: string;
}

/**
 * The beginning of a machine's user data. Whatever ends the script early is reported where the stack waits, by the step that it was in and by the
 * last lines that the machine wrote, so that a deployment fails with its reason and not with a timeout. `done` is the message of a setup that ends
 * well; without it that is for somebody else to report.
 */
export function reportedSetup({ region, bucketName, reportKey }: ReportPlace, done?: string): string {
  return deviceScript('report.sh', {
    REGION: region,
    BUCKET: bucketName,
    REPORT_KEY: reportKey,
    ON_SUCCESS: done === undefined ? 'return' : `report READY '${done}'; return`,
  });
}
