import { reportHtml } from '../report/page/page';
import { eventOf, reportOf } from '../report/report';
import type { Run } from '../report/run';
import type { WrittenReport } from './dependencies';

/** The report of a run, as it is stored, and what it says to a gate. */
export function writeReport(run: Run, reportUri: string, now: Date): WrittenReport {
  const report = reportOf({ cloud: run, now });
  const { cloud, passed, summary } = report;
  if (cloud === undefined) {
    throw new Error('a report of a run against an endpoint must have its analysis');
  }
  const json = JSON.stringify(report, undefined, 2);
  return { json, html: reportHtml(report), passed, summary, event: eventOf(report, cloud, reportUri) };
}
