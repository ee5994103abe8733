/** Variables of a task's process, for an image's virtual environment: where the cloud's services are, and nothing of its root. */
export type TaskEnvironment = (venv: string) => Readonly<Record<string, string | undefined>>;

/** `environment` of a container, or of an override. */
export function taskVariables(pairs: readonly { readonly name?: string; readonly value?: string }[] = []): Record<string, string> {
  return Object.fromEntries(pairs.flatMap(({ name, value }) => (name === undefined ? [] : [[name, value ?? '']])));
}
