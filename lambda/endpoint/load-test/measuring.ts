import type { EndpointFigures, Run, Step } from '../report/run';
import { usersOf, type Next, type RunContext } from './context';
import { decide as decideFor, exhaustion } from './decision';
import type { Measured } from './master-state';
import { readMetrics, type MetricAnswer } from './metrics';
import { notesOf } from './notes';
import { LoadTestProblem } from './problem';
import type { State } from './state';

/**
 * Reads what CloudWatch has of the hold, and writes the step once that is whole. It comes late, and what is there may still grow: it is
 * whole when it says the same twice.
 */
export async function measure(context: RunContext): Promise<Next> {
  const { state, run } = await context.load();
  const { settings, dependencies } = context;
  const measured = await measuredOf(context, state);
  const answer = await readMetrics(dependencies.metrics, {
    endpointName: run.endpointName, variantName: run.variantName, hasGpu: run.gpus !== undefined,
    from: Date.parse(measured.from), to: Date.parse(measured.to), periodSeconds: settings.metricPeriodSeconds,
  });
  const text = JSON.stringify(answer);
  const isSettled = answer.isWhole && (text === state.lastMetrics || answer.figures === undefined);
  if (!isSettled && context.now() < state.deadline) {
    const seconds = Math.min(20, Math.max(2, Math.round(settings.metricPeriodSeconds / 3)));
    return context.save({ ...state, lastMetrics: text }, run, 'measure', seconds);
  }
  await context.store.writeStep(stepOf(state, run, measured, answer, settings.metricDelaySeconds));
  return context.save({ ...state, phase: 'decision' }, run, 'decide', 0);
}

/** What comes after the step: the next one, the same with other workers, or the end. */
export async function decide(context: RunContext): Promise<Next> {
  const { state, run } = await context.load();
  const step = (await context.store.steps(state.step)).at(-1);
  if (step?.step !== state.step) {
    throw new LoadTestProblem(`step ${state.step} of the run ${state.runId} is not in the results bucket`);
  }
  const { lostWorkers } = await measuredOf(context, state);
  const losses = state.losses + (lostWorkers > 0 ? 1 : 0);
  const decision = decideFor({
    step, lostWorkers, losses, maxWorkers: context.settings.maxWorkers, limits: run.limits,
    isLast: state.index + 1 >= run.plan.users.length,
  });
  switch (decision.kind) {
    case 'end': {
      const { reason, targetMet } = decision;
      return context.save({ ...state, losses, end: { reason: reason + first(state, targetMet), targetMet } }, run, 'stop', 0);
    }
    case 'repeat': {
      await context.store.writeStep({ ...step, notes: [...step.notes, `repeated with ${decision.workers} workers: ${decision.why}`] });
      return context.save({ ...state, losses, repeats: step.repeats ?? step.step, wantedWorkers: decision.workers }, run, 'step', 0);
    }
    case 'next':
      return context.save({ ...state, losses, index: state.index + 1, repeats: undefined }, run, 'step', 0);
  }
}

/** A target that the first step meets says little of what the endpoint bears. */
function first({ index }: State, targetMet: boolean): string {
  return targetMet && index === 0 ? ', by the first step already: how much more the endpoint bears was not tried' : '';
}

function stepOf(state: State, run: Run, measured: Measured, { figures, isWhole }: MetricAnswer, delaySeconds: number): Step {
  const instances = { from: state.instancesFrom ?? run.instances, to: state.instancesTo ?? run.instances };
  const endpoint: EndpointFigures | undefined = figures === undefined ? undefined : {
    ...figures, instancesFrom: instances.from, instancesTo: instances.to,
  };
  const late = figures !== undefined && !isWhole ? [`CloudWatch did not have all periods of this step within ${delaySeconds} s`] : [];
  return {
    step: state.step,
    ...(state.repeats === undefined ? {} : { repeats: state.repeats }),
    users: usersOf(state, run),
    workers: measured.workers,
    from: measured.from,
    to: measured.to,
    client: measured.client,
    ...(endpoint === undefined ? {} : { endpoint }),
    notes: [...notesOf(measured, instances, endpoint), ...late],
    clientLimited: measured.lostWorkers > 0 || exhaustion(measured.client) !== undefined,
  };
}

async function measuredOf(context: RunContext, { step }: State): Promise<Measured> {
  const master = await context.store.master();
  if (master?.measured?.step !== step) {
    throw new LoadTestProblem(`the master has no figures of step ${step}${master?.failure === undefined ? '' : `: ${master.failure}`}`);
  }
  return master.measured;
}
