import type { IsCompleteResult, ResourceEvent } from '../shared/events';

/** Says, in the event that the framework passes on, that onEvent has been: one function serves both. */
export const STARTED = 'Started';

/** What onEvent adds to the event, for isComplete. */
export interface Progress {
  readonly [STARTED]: true;
  /** Milliseconds since the epoch after which waiting is given up. */
  readonly GiveUpAt?: number;
}

/** What onEvent answers; `Data` is public in CloudFormation. */
export interface Started extends Progress {
  readonly PhysicalResourceId: string;
  readonly Data?: Record<string, string>;
}

export type Answer = Started | IsCompleteResult;
export type Properties = ResourceEvent['ResourceProperties'];
export type Event = ResourceEvent & Partial<Progress>;

/** A kind of custom resource. Whatever is asked is computed from the properties, so an id that CloudFormation invented does no harm. */
export interface ResourceHandler {
  /** Create, and Update, which may be a rollback: both bring about what the properties say. */
  apply(properties: Properties): Promise<Omit<Started, typeof STARTED>>;
  /** Starts the deletion of what `apply` made; what is gone is deleted. */
  remove(properties: Properties): Promise<Pick<Progress, 'GiveUpAt'>>;
  /** Whether the deletion is over. */
  isRemoved(properties: Properties, giveUpAt: number): Promise<boolean>;
}

/** A property that must be there, as text. */
export function text(properties: Properties, name: string): string {
  const value = properties[name];
  if (typeof value !== 'string' || value === '') { throw new Error(`property ${name} must be text, got ${typeof value}`); }
  return value;
}

/** A property that may be absent. */
export function optionalText(properties: Properties, name: string): string | undefined {
  return properties[name] === undefined ? undefined : text(properties, name);
}

/** A map of texts; absent is empty. */
export function textMap(properties: Properties, name: string): Record<string, string> {
  const value = properties[name] ?? {};
  if (typeof value !== 'object') { throw new Error(`property ${name} must be a map, got ${typeof value}`); }
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, String(item)]));
}
