import type { ContainerJobOptions } from './container-job/contracts';
import type { HostingOptions } from './hosting/contracts';
import type { MlflowOptions } from './tracking/mlflow-process';
import type { RoleAliases, RoleStorage, ServiceOptions } from '../service/contracts';

/** How to start the stand-in. */
export interface StandInOptions extends ServiceOptions {
  /** A `StorageError` makes the job FAILED, with its code and message. */
  readonly storage: RoleStorage;
  /** Without it no alias is made; a fleet then reports the ARN that its alias would have. */
  readonly roleAliases?: RoleAliases;
  /** How long jobs stay in their states. */
  readonly delays?: JobDelays;
  /** What the programs of processing and training jobs run with. */
  readonly containerJobs?: ContainerJobOptions;
  /** How long what Studio makes, changes or deletes is on its way, in milliseconds. Default 300. */
  readonly studioMs?: number;
  /** How MLflow's servers run. Without it there are the records of apps and tracking servers alone. */
  readonly mlflow?: MlflowOptions;
  /** How endpoints behave, and where their metrics and logs go. */
  readonly hosting?: HostingOptions;
}

/** Delays of the jobs' state machines, in milliseconds. */
export interface JobDelays {
  /** In STARTING (Starting), and in STOPPING (Stopping). Default 500. */
  readonly startingMs?: number;
  /** Least time in INPROGRESS; the work itself comes on top. Default 500. */
  readonly runningMs?: number;
}
