import type { TrackingServerSize } from './tracking-server-size';
import { validateText, type TextRule } from '../private/validation';

const MLFLOW_VERSION: TextRule = { min: 1, max: 16, pattern: /^\d+\.\d+(\.\d+)?$/, wanted: "a version like '3.0' or '2.16.2'" };

/** Options of `ExperimentTrackingKind.trackingServer`. */
export interface TrackingServerOptions {
  /**
   * The size of the server. It is charged for each hour that the server is there and is not stopped.
   *
   * @default TrackingServerSize.SMALL
   */
  readonly size?: TrackingServerSize;

  /**
   * The version of MLflow that the server runs. SageMaker's documentation lists the versions.
   *
   * @default - SageMaker takes its newest
   */
  readonly mlflowVersion?: string;
}

/** What tracks the experiments. */
export class ExperimentTrackingKind {
  /**
   * An MLflow app: nothing runs while nobody calls it, and SageMaker keeps its version of MLflow up to date.
   */
  public static mlflowApp(): ExperimentTrackingKind {
    return new ExperimentTrackingKind();
  }

  /** A tracking server: a machine of a size, with a version of MLflow. It takes long to be made: from memory, 25 minutes. */
  public static trackingServer(options: TrackingServerOptions = {}): ExperimentTrackingKind {
    validateText(undefined, 'mlflowVersion', options.mlflowVersion, MLFLOW_VERSION);
    return new ExperimentTrackingKind(options);
  }

  /** The server's options; an app has none.
   * @internal */
  public readonly _server?: TrackingServerOptions;

  private constructor(server?: TrackingServerOptions) {
    this._server = server;
  }
}
