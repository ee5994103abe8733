import { invalid } from '../errors';
import type { TrainingRequest } from '../types';

type Definitions = NonNullable<NonNullable<TrainingRequest['AlgorithmSpecification']>['MetricDefinitions']>;

interface Metric { readonly name: string; readonly expression: RegExp; last?: { readonly value: number; readonly at: number } }

/** The metrics that a training job's log tells: of each, the last value. */
export class LogMetrics {
  private readonly metrics: readonly Metric[];

  /** Throws a ValidationException for what is no regular expression. */
  public constructor(definitions: Definitions = []) {
    this.metrics = definitions.map(({ Name, Regex }) => ({ name: Name, expression: compiled(Name, Regex) }));
  }

  public read(line: string): void {
    for (const metric of this.metrics) {
      const text = metric.expression.exec(line)?.[1];
      const value = text === undefined || text.trim() === '' ? NaN : Number(text);
      if (Number.isFinite(value)) {
        metric.last = { value, at: Date.now() };
      }
    }
  }

  /** As DescribeTrainingJob gives it. */
  public final(): readonly object[] {
    return this.metrics.flatMap(({ name, last }) => (last ? [{ MetricName: name, Value: last.value, Timestamp: last.at / 1000 }] : []));
  }
}

function compiled(name: string, text: string): RegExp {
  try {
    return new RegExp(text);
  } catch (error) {
    throw invalid(`The Regex of the metric ${name} is not a regular expression: ${error instanceof Error ? error.message : text}`);
  }
}
