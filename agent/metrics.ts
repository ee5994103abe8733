import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';

export interface MetricsOptions {
  readonly deviceName: string;
  readonly deviceFleetName: string;
  /** Takes a line. */
  readonly write: (line: string) => void;
  readonly gauges: () => Gauges;
}

/** What is measured when a line is written. */
export interface Gauges {
  readonly captureQueue: number;
  readonly captureSpoolBytes: number;
  readonly modelsLoaded: number;
  /** Of the agent and its models. */
  readonly memoryBytes: number;
}

interface ModelNumbers {
  /** Microseconds. */
  readonly latency: RecordableHistogram;
  predictions: number;
  errors: number;
}

const NAMESPACE = 'SageMakerEdgeAgent';

/** Counts since the last line, written in CloudWatch's embedded metric format: one line for the agent, one a model. */
export class Metrics {
  private models = new Map<string, ModelNumbers>();

  public constructor(private readonly options: MetricsOptions) {}

  public predicted(model: string, milliseconds: number): void {
    const numbers = this.of(model);
    numbers.predictions += 1;
    numbers.latency.record(Math.max(1, Math.round(milliseconds * 1000)));
  }

  public failed(model: string): void {
    this.of(model).errors += 1;
  }

  public write(): void {
    const models = this.models;
    this.models = new Map();
    const { captureQueue, captureSpoolBytes, modelsLoaded, memoryBytes } = this.options.gauges();
    let predictions = 0;
    let errors = 0;
    for (const [model, numbers] of models) {
      predictions += numbers.predictions;
      errors += numbers.errors;
      this.line({ ModelName: model }, {
        PredictCount: ['Count', numbers.predictions], PredictErrorCount: ['Count', numbers.errors],
        ...(numbers.predictions === 0 ? {} : {
          PredictLatencyP50: ['Milliseconds', numbers.latency.percentile(50) / 1000],
          PredictLatencyP99: ['Milliseconds', numbers.latency.percentile(99) / 1000],
        }),
      });
    }
    this.line({}, {
      PredictCount: ['Count', predictions],
      PredictErrorCount: ['Count', errors],
      ModelsLoaded: ['Count', modelsLoaded],
      CaptureQueue: ['Count', captureQueue],
      CaptureSpoolBytes: ['Bytes', captureSpoolBytes],
      MemoryBytes: ['Bytes', memoryBytes],
    });
  }

  private line(dimensions: Readonly<Record<string, string>>, metrics: Readonly<Record<string, readonly [string, number]>>): void {
    const all = { DeviceFleetName: this.options.deviceFleetName, DeviceName: this.options.deviceName, ...dimensions };
    const values = Object.fromEntries(Object.entries(metrics).map(([name, [, value]]) => [name, value]));
    const units = Object.entries(metrics).map(([Name, [Unit]]) => ({ Name, Unit }));
    const description = { Namespace: NAMESPACE, Dimensions: [Object.keys(all)], Metrics: units };
    const line = { _aws: { Timestamp: Date.now(), CloudWatchMetrics: [description] }, ...all, ...values };
    this.options.write(`${JSON.stringify(line)}\n`);
  }

  private of(model: string): ModelNumbers {
    let numbers = this.models.get(model);
    if (numbers === undefined) {
      numbers = { latency: createHistogram(), predictions: 0, errors: 0 };
      this.models.set(model, numbers);
    }
    return numbers;
  }
}
