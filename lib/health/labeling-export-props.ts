import type { aws_events as events, aws_s3 as s3, Duration } from 'aws-cdk-lib';
import type { ICaptureBucket } from '../capture/capture-bucket';
import type { CaptureSelection } from './capture-selection';
import type { ImageTensor } from './image-tensor';

/** Properties of a `LabelingExport`. */
export interface LabelingExportProps {
  /** The bucket that devices write captures to. */
  readonly captureBucket: ICaptureBucket;

  /** The name of the fleet: 1 to 63 letters, digits and hyphens, as its devices have it. */
  readonly fleetName: string;

  /** The names of the models whose captures become labels: 1 to 20. Each has its own manifests and its own event. */
  readonly modelNames: string[];

  /**
   * When the captures are exported. Nothing is written where there are no new ones.
   *
   * @default - each day at 00:15 UTC
   */
  readonly schedule?: events.Schedule;

  /**
   * Which captures are exported.
   *
   * @default CaptureSelection.withReason()
   */
  readonly selection?: CaptureSelection;

  /**
   * The captures of each model in a run: 1 to 10,000. The next run goes on with the others.
   *
   * @default 1000
   */
  readonly maxPerRun?: number;

  /**
   * How much later than it was made a capture may come, as from a device that was offline: 1 to 90 whole days. Each run lists the captures
   * of as many days, and reads those that are new.
   *
   * @default Duration.days(7)
   */
  readonly lateArrival?: Duration;

  /**
   * The bucket for manifests and pictures. Its own default encryption is kept.
   *
   * @default - the bucket of the captures
   */
  readonly outputBucket?: s3.IBucket;

  /**
   * The prefix of manifests and pictures, without a slash at its end. In the bucket of the captures it is outside of their prefix.
   *
   * @default 'labels'
   */
  readonly outputPrefix?: string;

  /**
   * How pictures became the inputs of the models. A tensor that has not the shape of pictures is exported as `.npy`.
   *
   * @default ImageTensor.guessed()
   */
  readonly image?: ImageTensor;
}
