import type { IsCompleteResult, ResourceEvent } from '../shared/events';

/** What onEvent adds to the event, for isComplete. */
export interface Progress {
  /** When onEvent was, in milliseconds since the epoch; that it is there says that onEvent has been: one function serves both. */
  readonly Since: number;
  /** Milliseconds since the epoch after which waiting is given up. */
  readonly GiveUpAt?: number;
  /** Milliseconds since the epoch until which an overtaken event can be at work: what it does is undone as long. */
  readonly SettleUntil?: number;
}

/**
 * What onEvent answers: its id, and nothing done yet. Were the work done there, a function that dies of it would leave the
 * framework to answer a Create with a marker as id, and to swallow the Delete that takes back what was done.
 */
export interface Started extends Progress {
  readonly PhysicalResourceId: string;
}

export type Answer = Started | IsCompleteResult;
export type Properties = ResourceEvent['ResourceProperties'];
export type Event = ResourceEvent & Partial<Progress>;

/** A kind of custom resource. Whatever is asked is computed from the properties, so an id that CloudFormation invented does no harm. */
export interface ResourceHandler {
  /** The physical id. */
  id(properties: Properties): string;
  /** Create, and Update, which may be a rollback: both bring about what the properties say. Answers the attributes, which are public. */
  apply(properties: Properties): Promise<Record<string, string>>;
  /** Deletes what `apply` made; what is gone is deleted. Answers whether that is over; throws when it is not by `giveUpAt`. */
  remove(properties: Properties, giveUpAt: number): Promise<boolean>;
  /** Only where what `apply` makes may outlive the resource, so that an overtaken event would leave something behind. */
  readonly overtaking?: Overtaking;
}

export interface Overtaking {
  /**
   * Whether an Update from `old` finds its work done before it begins: a rollback does, of an update that has yet to come.
   * (So does an update that Lambda delivers a second time, which then stands in a rollback's way; and an update that was carried
   * out and is repeated after its rollback wins. Nothing tells them apart; both need a lost answer and a failed deployment at once.)
   */
  isDone(properties: Properties, old: Properties): Promise<boolean>;
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
