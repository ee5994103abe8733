import { describeError } from './errors';
import { checkEvent, isPoll, type IsCompleteResult, type PollEvent, type Started } from './events';
import { log } from './log';
import { waiting, type Clock, type HandlerTable, type Outcome, type ResourceHandler } from './resource-handler';

/** CloudFormation cuts reasons at about this length. */
export const MAX_REASON = 900;

/** Both phases of every custom resource that a function serves. What the first phase answered is in the events of the second. */
export async function handle<Type extends string, D extends Clock>(
  table: HandlerTable<Type, D>, dependencies: D, event: unknown,
): Promise<Started | IsCompleteResult> {
  checkEvent(event);
  const { ResourceType: type } = event;
  if (!isKnown(table, type)) {
    throw new Error(`no handler for resource type ${type}: it must be one of ${Object.keys(table).join(', ')}`);
  }
  const handler = table[type](dependencies, event);
  if (isPoll(event)) {
    return poll(handler, event, dependencies);
  }
  log('event', { request: event.RequestType, type, logicalId: event.LogicalResourceId });
  return handler.onEvent(event);
}

async function poll(handler: ResourceHandler, event: PollEvent, clock: Clock): Promise<IsCompleteResult> {
  const outcome = await attempt(handler, event);
  if (outcome.state === 'done') {
    return { IsComplete: true, ...(outcome.attributes === undefined ? {} : { Data: outcome.attributes }) };
  }
  const { limit } = outcome;
  if (limit !== undefined && clock.now() >= limit.at) {
    throw new Error(limit.reason.slice(0, MAX_REASON));
  }
  return { IsComplete: false, For: outcome.for, ...(limit === undefined ? {} : { Until: limit.at }) };
}

async function attempt(handler: ResourceHandler, event: PollEvent): Promise<Outcome> {
  try {
    return await handler.isComplete(event);
  } catch (error) {
    if (!handler.isRetryable(error, event)) {
      throw error;
    }
    return waiting(`another try (${describeError(error)})`);
  }
}

function isKnown<Type extends string>(table: Readonly<Record<Type, unknown>>, type: string): type is Type {
  return Object.hasOwn(table, type);
}
