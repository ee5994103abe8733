/** What is wrong with a model, in words for the user. */
export class ModelProblem extends Error {
  public constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ModelProblem';
  }
}
