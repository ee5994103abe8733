/** The steps whose errors a component's status tells. */
export type ReportedStep = 'install' | 'run' | 'shutdown' | 'startup';

/** What the nucleus tells the cloud of a component that is ERRORED or BROKEN. */
export interface ComponentStatus {
  readonly statusCodes: readonly string[];
  readonly statusReason: string;
}

/** In the words of nucleus classic 2.18.2, `ComponentStatusCode`. */
const ERRORS: Readonly<Record<ReportedStep, string>> = {
  install: 'An error occurred during installation.',
  startup: 'An error occurred during startup.',
  run: 'An error occurred while running the component.',
  shutdown: 'An error occurred while shutting down the component.',
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

/** An error that the component has reported of itself, by IPC. */
export class ReportedError extends Error {
  public override readonly name = 'ReportedError';

  public constructor(public readonly step: ReportedStep) {
    super('the component has reported ERRORED');
  }
}

/** What the cloud is told: the kind of the error and the exit code, if there is one. */
export function statusOf(step: ReportedStep, error: unknown): ComponentStatus {
  if (error instanceof ReportedError) {
    return { statusCodes: [`${step.toUpperCase()}_ERROR`], statusReason: ERRORS[step] };
  }
  const code = error instanceof StepError ? error.code : 1;
  return code === undefined ? {
    statusCodes: [`${step.toUpperCase()}_TIMEOUT`],
    statusReason: `${SUBJECTS[step]} didn't finish within the timeout period. Increase the timeout to give it more time to run or check your code.`,
  } : {
    statusCodes: [`${step.toUpperCase()}_ERROR`],
    statusReason: `${ERRORS[step]} The ${step} script exited with code ${code}.`,
  };
}
