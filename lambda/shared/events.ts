import { asRecord, PropertyReader, type Properties } from './properties';

/** An event of CloudFormation's for a custom resource. Its properties are not read yet: parse them. */
export interface ResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly RequestId: string;
  readonly StackId: string;
  readonly ResourceType: string;
  readonly LogicalResourceId: string;
  /** Absent on Create. */
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Properties;
  /** On Update alone. */
  readonly OldResourceProperties?: Properties;
}

/** What the first phase answers. It is in the event of every poll: nothing else is remembered. A handler that remembers more extends it. */
export interface Started {
  readonly PhysicalResourceId: string;
  /** When the event came, in milliseconds since the epoch. That it is there tells the event of a poll from a first one. */
  readonly Since: number;
  /** Until when a superseded event may be at work, in milliseconds since the epoch. What it does is undone as long. */
  readonly SettleUntil?: number;
  /** Attributes that are known at once. */
  readonly Data?: Attributes;
}

/** The event of a poll: the first one, with what the first phase answered. */
export type PollEvent<S extends Started = Started> = ResourceEvent & S;

/** For `Fn::GetAtt`. They are public. */
export type Attributes = Readonly<Record<string, string>>;

/** What a poll answers. */
export interface IsCompleteResult {
  readonly IsComplete: boolean;
  /** When complete. */
  readonly Data?: Attributes;
  /** What is waited for, when not complete. */
  readonly For?: string;
  /** When waiting is given up, in milliseconds since the epoch. */
  readonly Until?: number;
}

/** Throws unless it is an event that CloudFormation could have sent. */
export function checkEvent(event: unknown): asserts event is ResourceEvent | PollEvent {
  const fields = asRecord(event, 'the event');
  const { RequestType: type } = fields;
  if (type !== 'Create' && type !== 'Update' && type !== 'Delete') {
    throw new Error(`RequestType must be Create, Update or Delete, got ${JSON.stringify(type)}`);
  }
  const reader = new PropertyReader(fields);
  for (const name of ['RequestId', 'StackId', 'ResourceType', 'LogicalResourceId']) {
    reader.text(name);
  }
  asRecord(fields.ResourceProperties, 'ResourceProperties');
  if (fields.OldResourceProperties !== undefined) {
    asRecord(fields.OldResourceProperties, 'OldResourceProperties');
  }
  if (type === 'Delete' && typeof fields.PhysicalResourceId !== 'string') {
    throw new Error(`Delete of ${reader.text('LogicalResourceId')} without a PhysicalResourceId`);
  }
}

/** Whether it is an event of the second phase. One function serves both. */
export function isPoll(event: ResourceEvent | PollEvent): event is PollEvent {
  return 'Since' in event && typeof event.Since === 'number';
}
