import type { ConfigReader } from './reader';

/** What the agent captures by itself. */
export interface AutomaticCaptureConfig {
  /** In a day of UTC. */
  readonly dailyBudget: number;
  readonly confidenceBelow: number | undefined;
  readonly sampleShare: number | undefined;
}

export function readAutomaticCapture(reader: ConfigReader): AutomaticCaptureConfig | undefined {
  const dailyBudget = reader.integer('capture_daily_budget', { min: 1, max: 10_000 });
  const confidenceBelow = reader.share('capture_confidence_below');
  const sampleShare = reader.share('capture_sample_share');
  if (dailyBudget !== undefined) {
    return { dailyBudget, confidenceBelow, sampleShare };
  }
  for (const [name, value] of [['capture_confidence_below', confidenceBelow], ['capture_sample_share', sampleShare]] as const) {
    if (value !== undefined) {
      reader.warn(name, 'has no effect without sagemaker_edge_capture_daily_budget');
    }
  }
  return undefined;
}
