import { randomUUID } from 'node:crypto';
import { Encoding } from '../generated/agent';
import { toProtocol } from '../runtime/tensors';
import { messageOf } from '../status';
import { CaptureBudget } from './budget';
import { CAPTURE_REASON } from './read/record';
import { parseCapture } from './record';
import type { CaptureService } from './capture';
import type { AutomaticCaptureConfig } from '../config/automatic-capture';
import type { CountedFeatures } from '../drift/counts';
import type { CountedModel } from '../health/counts';
import type { Logger } from '../log';
import type { RawTensor } from '../runtime/protocol';

/** Why the agent captured a prediction by itself. */
export type CaptureReason = 'drifted' | 'unsure' | 'sampled';

export interface AutomaticCaptureOptions extends AutomaticCaptureConfig {
  /** Where the budget is kept. */
  readonly folder: string;
  readonly captures: Pick<CaptureService, 'accept'>;
  readonly logger: Logger;
  readonly isDrifted: (model: CountedModel, features: CountedFeatures) => boolean;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** At least 0, below 1. */
  readonly random?: () => number;
}

export interface Prediction {
  readonly inputs: readonly RawTensor[];
  readonly outputs: readonly RawTensor[];
  readonly features: CountedFeatures | undefined;
}

/** Captures predictions that drifted, that the model is unsure of, and a sample of the others, within the budget of a day. */
export class AutomaticCaptures {
  public static async open(options: AutomaticCaptureOptions): Promise<AutomaticCaptures> {
    return new AutomaticCaptures(options, await CaptureBudget.open(options.folder, options.dailyBudget, options.logger));
  }

  private isRefusing = false;

  private constructor(private readonly options: AutomaticCaptureOptions, private readonly budget: CaptureBudget) {}

  /** Returns at once: no prediction waits for its capture. */
  public predicted(model: CountedModel, prediction: Prediction): void {
    const { now = Date.now, captures, logger } = this.options;
    const time = now();
    const reason = this.budget.has(time) ? this.reasonFor(model, prediction.features) : undefined;
    if (reason === undefined) {
      return;
    }
    this.budget.spend(time);
    captures.accept(captureOf(model, prediction, reason)).then(() => {
      this.isRefusing = false;
      logger.debug('a prediction is captured', { model: model.modelName, reason });
    }, (error: unknown) => {
      logger[this.isRefusing ? 'debug' : 'warn']('a prediction could not be captured', { model: model.modelName, reason, error: messageOf(error) });
      this.isRefusing = true;
    });
  }

  /** Resolves when what is spent of the budget is on the disk. */
  public async close(): Promise<void> {
    await this.budget.written();
  }

  private reasonFor(model: CountedModel, features: CountedFeatures | undefined): CaptureReason | undefined {
    const { confidenceBelow, sampleShare, isDrifted, random = Math.random } = this.options;
    if (features !== undefined && isDrifted(model, features)) {
      return 'drifted';
    }
    const confidence = confidenceOf(features);
    if (confidence !== undefined && confidenceBelow !== undefined && confidence < confidenceBelow) {
      return 'unsure';
    }
    return sampleShare !== undefined && random() < sampleShare ? 'sampled' : undefined;
  }
}

/** Undefined where the model has no such output, or says NaN. */
function confidenceOf(features: CountedFeatures | undefined): number | undefined {
  return features?.['output.confidence'] ?? undefined;
}

function captureOf(model: CountedModel, { inputs, outputs, features }: Prediction, reason: CaptureReason): ReturnType<typeof parseCapture> {
  const confidence = confidenceOf(features);
  const why = Buffer.from(JSON.stringify({ reason, ...confidence === undefined ? {} : { confidence } }));
  return parseCapture({
    modelName: model.modelName, captureId: randomUUID(), inferenceTimestamp: undefined,
    inputTensors: inputs.map(toProtocol), outputTensors: outputs.map(toProtocol),
    inputs: [], outputs: [{ name: CAPTURE_REASON, encoding: Encoding.JSON, data: { $case: 'byteData', byteData: why } }],
  }, { name: model.modelName, version: model.modelVersion });
}
