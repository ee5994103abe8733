import type { ControllerSettings } from '../../../lib/endpoint/private/load-test/contract';
import { asRecord, isRecord, PropertyReader } from '../../shared/properties';
import { RUN_STATUSES } from '../report/run';
import { RunContext, type Next } from './context';
import type { Dependencies } from './dependencies';
import { abort, report, stop, type Verdict } from './ending';
import { decide, measure } from './measuring';
import { poll, step } from './polling';
import { start } from './starting';

export type Answer = Next | Verdict | { readonly runId: string; readonly stopped: number };

/**
 * Runs a load test, one action at a time, as the state machine asks. What a run is at is in the results bucket: the state machine only
 * carries the next action.
 */
export class Controller {
  public constructor(private readonly settings: ControllerSettings, private readonly dependencies: Dependencies) {}

  /** Throws a `LoadTestProblem` for what ends the run. Its message is what the report says. */
  public async handle(event: unknown): Promise<Answer> {
    const fields = asRecord(event, 'the event');
    const reader = new PropertyReader(fields);
    const context = new RunContext(this.settings, this.dependencies, reader.text('runId'), reader.text('executionArn'));
    const action = reader.text('action');
    switch (action) {
      case 'start': return start(context, fields.input);
      case 'poll': return poll(context);
      case 'step': return step(context);
      case 'measure': return measure(context);
      case 'decide': return decide(context);
      case 'stop': return stop(context);
      case 'report': return report(context, isRecord(fields.state) ? fields.state.failure : undefined);
      case 'abort': return abort(context, reader.choice('status', RUN_STATUSES));
      default: throw new Error(`action must be start, poll, step, measure, decide, stop, report or abort, got ${action}`);
    }
  }
}
