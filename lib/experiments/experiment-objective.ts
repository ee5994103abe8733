/** Which trial of an `ExperimentPipeline` wins. */
export class ExperimentObjective {
  /** The trial with the smallest value. */
  public static minimize(metricName: string): ExperimentObjective {
    return new ExperimentObjective(metricName, false);
  }

  /** The trial with the largest value. */
  public static maximize(metricName: string): ExperimentObjective {
    return new ExperimentObjective(metricName, true);
  }

  private constructor(
    /** The metric that decides. */
    public readonly metricName: string,
    /** Whether the largest value wins. */
    public readonly isLargest: boolean,
  ) {}
}
