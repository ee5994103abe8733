/** A custom resource event as CDK's provider framework hands it to `onEvent`. Properties are unread here: parse them. */
export interface ResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly RequestId: string;
  readonly StackId: string;
  readonly ResourceType: string;
  readonly LogicalResourceId: string;
  /** Absent on Create. */
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Readonly<Record<string, unknown>>;
  /** On Update alone. */
  readonly OldResourceProperties?: Readonly<Record<string, unknown>>;
}

/** What `isComplete` answers. `Data` only when complete: the framework refuses it otherwise. */
export interface IsCompleteResult {
  readonly IsComplete: boolean;
  readonly Data?: Readonly<Record<string, string>>;
}
