/** What fails a task: `name` is what `Catch` and `Retry` compare, `message` the cause. */
export class TaskError extends Error {
  public constructor(public override readonly name: string, message: string, options?: ErrorOptions) {
    super(message, options);
  }
}

interface ServiceFailure extends Error {
  readonly $metadata: { readonly httpStatusCode?: number | undefined; readonly requestId?: string | undefined };
}

/**
 * An error of an AWS SDK as Step Functions has it: it names the classes of the SDK for Java. An error that the service's model has is
 * `<service>.<name>Exception`, any other one is of the class that all errors of the service have.
 *
 * @param base the class of all errors, `S3Exception` for example
 * @param modelled the errors of the model, by their names there
 */
export function taskError(service: string, base: string, error: ServiceFailure, modelled: readonly string[]): TaskError {
  const name = error.name.endsWith('Exception') ? error.name : `${error.name}Exception`;
  const { httpStatusCode = 0, requestId = '' } = error.$metadata;
  const cause = `${error.message} (Service: ${service}, Status Code: ${httpStatusCode}, Error Code: ${error.name}, Request ID: ${requestId})`;
  return new TaskError(`${service}.${modelled.includes(error.name) ? name : base}`, cause, { cause: error });
}

/** What a service answered, without what the SDK adds. */
export function withoutMetadata(output: object): object {
  return Object.fromEntries(Object.entries(output).filter(([name]) => name !== '$metadata'));
}
