import { isRecord } from '../service/validator';
import { ACTIVITY_ARN, integrationOf, INTEGRATIONS } from './activity';

type State = Readonly<Record<string, unknown>>;

/** Whether a template's definition, in which references are still open, has a task that the worker does. */
export function hasIntegration(definition: unknown): boolean {
  const text = JSON.stringify(definition ?? '');
  return INTEGRATIONS.some((integration) => text.includes(`:states:::${integration}\\"`));
}

/**
 * A definition in which each task that the emulator cannot do is one of the worker's activity. Such a task also says which execution
 * it belongs to, and how long it may take: to the emulator, an activity may take for ever. Names, order, retries, catches and outputs stay.
 */
export function withActivities(definition: string): string {
  const parsed: unknown = JSON.parse(definition);
  return isRecord(parsed) ? JSON.stringify(machine(parsed, 'JSONPath')) : definition;
}

function machine(given: State, inherited: string): State {
  const language = languageOf(given, inherited);
  const states = isRecord(given.States) ? given.States : {};
  return {
    ...given,
    States: Object.fromEntries(Object.entries(states).map(([name, state]) => [name, isRecord(state) ? rewritten(state, language) : state])),
  };
}

function rewritten(state: State, inherited: string): State {
  const language = languageOf(state, inherited);
  const inner = ['ItemProcessor', 'Iterator'].flatMap((name) => {
    const { [name]: processor } = state;
    return isRecord(processor) ? [[name, machine(processor, language)] as const] : [];
  });
  const branches: unknown[] | undefined = Array.isArray(state.Branches) ? state.Branches : undefined;
  return {
    ...task(state, language), ...Object.fromEntries(inner),
    ...branches === undefined ? {} : { Branches: branches.map((branch) => (isRecord(branch) ? machine(branch, language) : branch)) },
  };
}

function task(state: State, language: string): State {
  const integration = state.Type === 'Task' ? integrationOf(String(state.Resource)) : undefined;
  if (integration === undefined) {
    return state;
  }
  const { Arguments, Parameters, TimeoutSeconds: timeoutSeconds, TimeoutSecondsPath: timeoutPath, ...rest } = state;
  const limit = { ...timeoutSeconds === undefined ? {} : { timeoutSeconds }, ...timeoutPath === undefined ? {} : { 'timeoutSeconds.$': timeoutPath } };
  return {
    ...rest, Resource: ACTIVITY_ARN,
    ...language === 'JSONata'
      ? { Arguments: { execution: '{% $states.context.Execution.Id %}', integration, ...limit, input: Arguments ?? '{% $states.input %}' } }
      : { Parameters: { 'execution.$': '$$.Execution.Id', integration, ...limit, ...Parameters === undefined ? { 'input.$': '$' } : { input: Parameters } } },
  };
}

function languageOf({ QueryLanguage: language }: State, inherited: string): string {
  return typeof language === 'string' ? language : inherited;
}
