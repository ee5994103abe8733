/** The steps whose errors a component's status tells. */
export type ReportedStep = 'install' | 'run' | 'shutdown' | 'startup';

/** What the nucleus tells the cloud of a component that is ERRORED or BROKEN. */
export interface ComponentStatus {
  readonly statusCodes: readonly string[];
  readonly statusReason: string;
}

/** In the words of nucleus classic 2.18.2, `ComponentStatusCode`. */
const ERRORS: Readonly<Record<ReportedStep, string>> = {
  install: 'An error occurred during installation. The install script exited with code',
  startup: 'An error occurred during startup. The startup script exited with code',
  run: 'An error occurred while running the component. The run script exited with code',
  shutdown: 'An error occurred while shutting down the component. The shutdown script exited with code',
};

const SUBJECTS: Readonly<Record<ReportedStep, string>> = {
  install: 'Install script', startup: 'Startup script', run: 'Run script', shutdown: 'Shutdown script',
};

/** A step that did not end with 0. Its own words are in the component's log, and nowhere else. */
export class StepError extends Error {
  public override readonly name = 'StepError';

  /** `code` is undefined for a step that was ended at its time limit. */
  public constructor(public readonly step: string, public readonly code: number | undefined) {
    super(code === undefined ? `${step} ended with its timeout` : `${step} ended with ${code}`);
  }
}

/** What the cloud is told: the kind of the error and the exit code. */
export function statusOf(step: ReportedStep, code: number | undefined): ComponentStatus {
  return code === undefined ? {
    statusCodes: [`${step.toUpperCase()}_TIMEOUT`],
    statusReason: `${SUBJECTS[step]} didn't finish within the timeout period. Increase the timeout to give it more time to run or check your code.`,
  } : {
    statusCodes: [`${step.toUpperCase()}_ERROR`],
    statusReason: `${ERRORS[step]} ${code}.`,
  };
}
