import { describeError } from '../../shared/errors';
import { log } from '../../shared/log';
import { isRecord } from '../../shared/properties';
import { EVENT_DETAIL_TYPE, EVENT_SOURCE, eventWithoutReport, type LoadTestFinished } from '../report/report';
import type { RunStatus } from '../report/run';
import type { RunContext } from './context';

/** What ends the execution, and what a gate reads. */
export interface Verdict {
  readonly runId: string;
  readonly passed: boolean;
  readonly status: RunStatus;
  readonly reason: string;
  /** The report's place. Absent: the run ended before there was anything to report. */
  readonly report?: string;
}

/** Stops all tasks of this run. One that does not have the only place to run has none. */
export async function stop(context: RunContext): Promise<{ runId: string; stopped: number }> {
  const { store, tasks, runId, executionArn } = context;
  if (!await store.holdsLock(executionArn)) {
    return { runId, stopped: 0 };
  }
  const [state, run] = await Promise.all([store.state(), store.run()]);
  if (state !== undefined && run !== undefined) {
    await store.writeControl(context.control(state, run, true)); // the master ends by itself where StopTask fails
  }
  const stopped = await tasks.stopAll(`the run ${runId} has ended`);
  return { runId, stopped };
}

/** Writes the report of what there is, tells the event bus, and gives the place to run free. */
export async function report(context: RunContext, failure: unknown, status?: RunStatus): Promise<Verdict> {
  const { store, runId, executionArn, settings: { endpointName, variantName } } = context;
  const [state, run] = await Promise.all([store.state(), store.run()]);
  const problem = failure === undefined ? undefined : problemOf(failure);
  const reason = problem ?? state?.end?.reason ?? 'the run ended before its first step was measured';
  const ended: RunStatus = status ?? (problem === undefined && state?.end !== undefined ? 'SUCCEEDED' : 'FAILED');
  const uri = store.uri('report.html');
  let verdict: Verdict = { runId, passed: false, status: ended, reason };
  let detail = eventWithoutReport({ runId, endpointName, variantName, status: ended, summary: reason });
  if (run !== undefined) {
    const steps = await store.steps(state?.step ?? 0);
    const whole = { ...run, status: ended, reason, endedAt: new Date(context.now()).toISOString(), steps };
    const written = context.dependencies.writeReport(whole, uri);
    await store.writeRun({ ...whole, steps: [] });
    await store.writeReport(written);
    detail = written.event;
    verdict = { ...verdict, passed: written.passed, reason: problem ?? written.summary, report: uri };
  }
  await announce(context, detail);
  await store.unlock(executionArn);
  log('verdict', { runId, passed: verdict.passed, status: ended });
  return verdict;
}

/** For an execution that was stopped or timed out: its own states do not run any more. */
export async function abort(context: RunContext, status: RunStatus): Promise<{ runId: string; stopped: number }> {
  if (!await context.store.holdsLock(context.executionArn)) { // it has ended in order, or never begun
    return { runId: context.runId, stopped: 0 };
  }
  const stopped = await stop(context);
  const words: Partial<Record<RunStatus, string>> = { ABORTED: 'the execution was stopped', TIMED_OUT: 'the execution took longer than its timeout' };
  await report(context, { Error: 'Ended', Cause: words[status] ?? `the execution ended with ${status}` }, status);
  return stopped;
}

async function announce({ dependencies }: RunContext, detail: LoadTestFinished): Promise<void> {
  const answer = await dependencies.events.putEvents({
    Entries: [{ Source: EVENT_SOURCE, DetailType: EVENT_DETAIL_TYPE, Detail: JSON.stringify(detail) }],
  });
  if ((answer.FailedEntryCount ?? 0) > 0) {
    const [entry] = answer.Entries ?? [];
    throw new Error(`EventBridge refused the event with the verdict: ${entry?.ErrorCode ?? ''} ${entry?.ErrorMessage ?? ''}`);
  }
}

/** The words of what was caught: Step Functions gives a function's error as JSON in `Cause`. */
export function problemOf(failure: unknown): string {
  if (!isRecord(failure)) {
    return describeError(failure);
  }
  const { Error: name, Cause: cause } = failure;
  const text = typeof cause === 'string' && cause !== '' ? cause : String(name);
  try {
    const json: unknown = JSON.parse(text);
    if (isRecord(json) && typeof json.errorMessage === 'string') {
      return json.errorType === 'LoadTestProblem' ? json.errorMessage : `${String(json.errorType)}: ${json.errorMessage}`;
    }
  } catch {
    // no JSON: the text itself is what there is to say
  }
  return text;
}
