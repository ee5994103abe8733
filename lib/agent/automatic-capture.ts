/**
 * Which predictions the agent captures by itself, so that somebody labels them: those that drifted, those that the model is unsure of, and
 * a sample of all. A device chooses them while it predicts, so that nothing else leaves it.
 *
 * Predictions that drifted are known where the device reports its health (`AgentConfigProps.health`) and the model has a `DriftBaseline`.
 */
export interface AutomaticCapture {
  /**
   * The most captures that a device makes by itself in a day of UTC, of all its models together: 1 to 10,000.
   *
   * They are spread: between two of them passes a quarter of the time that would divide the day evenly, such as 216 seconds for 100.
   */
  readonly dailyBudget: number;

  /**
   * A prediction is captured when the model's confidence is below this: above 0, at most 1. Confidence is the feature `output.confidence`
   * of drift: the share of the likeliest class. A model without such an output is never unsure.
   *
   * @default - a prediction is not captured for its confidence
   */
  readonly confidenceBelow?: number;

  /**
   * The share of all other predictions that is captured: above 0, at most 1. What is labelled at random says how often a model that is sure
   * is wrong.
   *
   * @default - no prediction is captured at random
   */
  readonly sampleShare?: number;
}
