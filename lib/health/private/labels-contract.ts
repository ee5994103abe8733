// What `LabelingExport` tells its function, and what they agree on.

/** What the construct tells the function, as JSON in one environment variable. */
export interface LabelSettings {
  readonly fleetName: string;
  readonly modelNames: readonly string[];
  readonly captureBucket: string;
  readonly capturePrefix: string;
  readonly outputBucket: string;
  readonly outputPrefix: string;
  /** Captures that come so much later than they were made are still exported. */
  readonly lateDays: number;
  /** Captures of each model in a run. */
  readonly maxPerRun: number;
  readonly selection: LabelSelection;
  readonly image: LabelImage;
}

/** Which captures are exported: one for which either holds. */
export interface LabelSelection {
  /** Those that an agent made by itself, for one of these reasons. An empty list: for any. Undefined: not for that. */
  readonly reasons?: readonly string[];
  /** A share of all, 0 to 1. The id of a capture decides. */
  readonly share: number;
}

/** How pictures became tensors. What is left out is told from the tensor. */
export interface LabelImage {
  /** [C, H, W], not [H, W, C]. */
  readonly isPlanar?: boolean;
  readonly mean?: readonly number[];
  readonly std?: readonly number[];
}

/** The environment variable. */
export const LABEL_SETTINGS = 'LABEL_SETTINGS';

export const LABELS_SOURCE = 'cdk-sagemaker-edge';
export const LABELS_READY = 'Labels Ready';

/** The time that the function has. */
export const LABELS_SECONDS = 900;
