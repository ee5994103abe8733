import { deviceScript } from '../../private/assets';

/** The object that a machine writes the report of its setup to. */
export interface ReportPlace {
  readonly region: string;
  readonly bucketName: string;
  /** It may contain `$instance`, for the ID of the machine. */
  readonly reportKey: string;
}

/**
 * The beginning of the user data of a machine. If the script fails, it reports the step that it was in and the last
 * lines that the machine wrote. The stack waits for this report, so that the deployment fails with its reason and not
 * with a timeout.
 * @param done the message to report when the setup succeeds. Without it, the script reports no success
 */
export function reportedSetup({ region, bucketName, reportKey }: ReportPlace, done?: string): string {
  return deviceScript('report.sh', {
    REGION: region,
    BUCKET: bucketName,
    REPORT_KEY: reportKey,
    ON_SUCCESS: done === undefined ? 'return' : `report READY '${done}'; return`,
  });
}
