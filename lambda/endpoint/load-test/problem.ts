/** What ends a run, in words for the person who started it: what is wrong, and what to do about it. */
export class LoadTestProblem extends Error {
  public constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'LoadTestProblem';
  }
}
