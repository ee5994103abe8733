/** What the controller writes and the master polls: `control.json`. */
export interface Control {
  /** Of the step that is wanted. Each has a number of its own, also one that repeats another. 0: none yet. */
  readonly step: number;
  readonly users: number;
  /** Users a second. */
  readonly spawnRate: number;
  readonly workers: number;
  readonly settleSeconds: number;
  readonly holdSeconds: number;
  /** ISO 8601. A master whose lease is over ends, and its workers with it. */
  readonly leaseUntil: string;
  readonly stop: boolean;
}

/** What a run waits for. */
export type Phase = 'master' | 'workers' | 'hold' | 'metrics' | 'decision';

/** What a run is at, from one action of the controller to the next: `state.json`. */
export interface State {
  readonly runId: string;
  readonly executionArn: string;
  readonly phase: Phase;
  readonly master: string;
  /** The master's private address. */
  readonly masterHost?: string;
  readonly workers: readonly string[];
  readonly wantedWorkers: number;
  /** Workers that were ever started, so that each start has a token of its own and none is repeated. */
  readonly started: number;
  /** When what is waited for must be there, in milliseconds since the epoch. */
  readonly deadline: number;
  /** The place in the plan of users. */
  readonly index: number;
  /** Of the last step that was begun. */
  readonly step: number;
  readonly repeats?: number;
  /** Steps in which workers died. */
  readonly losses: number;
  readonly instancesFrom?: number;
  readonly instancesTo?: number;
  /** What CloudWatch said last, to see whether it says the same again. */
  readonly lastMetrics?: string;
  /** How the staircase ended. */
  readonly end?: { readonly reason: string; readonly targetMet: boolean };
}
