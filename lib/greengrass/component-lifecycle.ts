import type { Duration } from 'aws-cdk-lib';

/** When a step of a lifecycle is left out. */
export class SkipCondition {
  /** The step is left out where the shell finds this program. */
  public static onPath(program: string): SkipCondition {
    return new SkipCondition(`onpath ${program}`);
  }

  /** The step is left out where this file exists. */
  public static fileExists(path: string): SkipCondition {
    return new SkipCondition(`exists ${path}`);
  }

  /** As the recipe says it. */
  public readonly expression: string;

  private constructor(expression: string) {
    this.expression = expression;
  }
}

/** A step of a component's lifecycle: a script for `sh`, run in the component's work folder. */
export interface LifecycleStep {
  /**
   * The script. The nucleus replaces recipe variables in it, such as `{artifacts:decompressedPath}`, `{work:path}` or `{configuration:/pointer}`;
   * one that it does not know would stay as text and nothing would say so, so it is refused at synth.
   */
  readonly script: string;

  /**
   * How long the step may take, in whole seconds. Not for `run`, whose process the nucleus would kill.
   *
   * @default - that of the nucleus: 120 seconds for install and startup, 15 for shutdown, 60 for recover
   */
  readonly timeout?: Duration;

  /**
   * Whether the script runs as root.
   *
   * @default false - it runs as the component's user
   */
  readonly requiresPrivilege?: boolean;

  /**
   * Environment of this step. Recipe variables are replaced; `$VARIABLE` is not, and is refused.
   *
   * @default - that of the lifecycle
   */
  readonly environment?: Record<string, string>;

  /**
   * When the step is left out. Nucleus lite does not read it.
   *
   * @default - it always runs
   */
  readonly skipIf?: SkipCondition;
}

/** What the nucleus runs, and when. `startup` and `run` exclude each other. */
export interface ComponentLifecycle {
  /**
   * Before the nucleus restarts for this component: exit code 100 asks for that restart, 101 for one of the device.
   *
   * @default - none
   */
  readonly bootstrap?: LifecycleStep;

  /**
   * At each start of the nucleus, and once a new version.
   *
   * @default - none
   */
  readonly install?: LifecycleStep;

  /**
   * Starts something in the background and ends: the deployment waits for its exit code, so a component that cannot start fails the deployment.
   * The background process needs its output redirected, or the step never ends.
   *
   * @default - none
   */
  readonly startup?: LifecycleStep;

  /**
   * Runs as long as the component. The deployment succeeds as soon as the process has started, even one that dies a second later.
   *
   * @default - none
   */
  readonly run?: LifecycleStep;

  /**
   * When the component stops. Nucleus lite does not run it.
   *
   * @default - processes of `run` are ended, background processes of `startup` are not
   */
  readonly shutdown?: LifecycleStep;

  /**
   * After an error and before the next try. Three errors break the component. Nucleus lite does not run it.
   *
   * @default - none
   */
  readonly recover?: LifecycleStep;

  /**
   * When the component is removed from the device. Nucleus classic from 2.17.
   *
   * @default - none
   */
  readonly uninstall?: LifecycleStep;

  /**
   * Environment of all steps.
   *
   * @default - that of the nucleus
   */
  readonly environment?: Record<string, string>;
}
