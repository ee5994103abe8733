import type { IsCompleteResult, ResourceEvent } from '../shared/events';

/** Says, in the event that the framework passes on, that onEvent has been: one function serves both. */
export const STARTED = 'Started';

/** What onEvent adds to the event, for isComplete. */
export interface Progress {
  readonly [STARTED]: true;
  /** Milliseconds since the epoch after which waiting is given up. */
  readonly GiveUpAt?: number;
  /** Milliseconds since the epoch from which no overtaken event can still be at work: then it is done once more. */
  readonly SettleUntil?: number;
  /**
   * Why a create failed. `isComplete` throws it: were it thrown by `onEvent`, the framework would answer with a marker as
   * physical id, and swallow the Delete that takes back what was done.
   */
  readonly Failure?: string;
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
  /** What it makes is seen by others than itself and outlives it, so an event that comes late would leave something behind. */
  readonly settles?: true;
  /** The physical id. */
  id(properties: Properties): string;
  /** Create, and Update, which may be a rollback: both bring about what the properties say. Answers the attributes. */
  apply(properties: Properties): Promise<Record<string, string>>;
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
