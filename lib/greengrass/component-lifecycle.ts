import type { Duration } from 'aws-cdk-lib';

/** The condition under which a lifecycle step is skipped. */
export class SkipCondition {
  /** Skip the step if the program is on the path. */
  public static onPath(program: string): SkipCondition {
    return new SkipCondition(`onpath ${program}`);
  }

  /** Skip the step if the file exists. */
  public static fileExists(path: string): SkipCondition {
    return new SkipCondition(`exists ${path}`);
  }

  /** The condition as it stands in the recipe. */
  public readonly expression: string;

  private constructor(expression: string) {
    this.expression = expression;
  }
}

/** A step of the lifecycle of a component: a script for `sh`, which runs in the work folder of the component. */
export interface LifecycleStep {
  /**
   * The script. The nucleus replaces recipe variables in it, such as `{artifacts:decompressedPath}`, `{work:path}` or
   * `{configuration:/pointer}`. An unknown variable fails at synth, because the nucleus would leave it as text without
   * an error.
   */
  readonly script: string;

  /**
   * How long the step may take: whole seconds. `run` must not have one, because the nucleus would kill its process.
   *
   * @default - the default of the nucleus: 120 seconds for install and startup, 15 seconds for shutdown, 60 seconds for recover
   */
  readonly timeout?: Duration;

  /**
   * Whether to run the script as root.
   *
   * @default false - the script runs as the user of the component
   */
  readonly requiresPrivilege?: boolean;

  /**
   * The environment variables of this step. Recipe variables are replaced in values. Shell variables are not, and fail at synth.
   *
   * @default - the environment variables of the lifecycle
   */
  readonly environment?: Record<string, string>;

  /**
   * The condition under which the step is skipped. Nucleus lite ignores it.
   *
   * @default - the step is never skipped
   */
  readonly skipIf?: SkipCondition;
}

/** The lifecycle of a component: the scripts that the nucleus runs, and when. It has `startup` or `run`, not both. */
export interface ComponentLifecycle {
  /**
   * The step that may restart the nucleus for this component. Exit code 100 restarts the nucleus, exit code 101 restarts the device.
   *
   * @default - no step
   */
  readonly bootstrap?: LifecycleStep;

  /**
   * The step that installs the component: at each start of the nucleus, and once for each new version.
   *
   * @default - no step
   */
  readonly install?: LifecycleStep;

  /**
   * The step that starts a background process and then ends. The deployment waits for its exit code: a component that
   * cannot start fails the deployment. Redirect the output of the background process, or the step never ends.
   *
   * A step can also go on in the foreground, once it has reported RUNNING by the operation `UpdateState` of Greengrass IPC. Nucleus
   * classic then starts the component again where the step ends with another exit code than 0.
   *
   * @default - no step
   */
  readonly startup?: LifecycleStep;

  /**
   * The step that runs as long as the component. The deployment succeeds when the process has started, even if it ends a second later.
   *
   * @default - no step
   */
  readonly run?: LifecycleStep;

  /**
   * The step that stops the component. Nucleus lite does not run it.
   *
   * @default - no step. The nucleus ends the process of `run`, and does not end background processes of `startup`
   */
  readonly shutdown?: LifecycleStep;

  /**
   * The step after an error, before the next try. After three errors the component is broken. Nucleus lite does not run it.
   *
   * @default - no step
   */
  readonly recover?: LifecycleStep;

  /**
   * The step that runs when the component is removed from the device. It needs nucleus classic 2.17 or later.
   *
   * @default - no step
   */
  readonly uninstall?: LifecycleStep;

  /**
   * The environment variables of all steps.
   *
   * @default - the environment variables of the nucleus
   */
  readonly environment?: Record<string, string>;
}
