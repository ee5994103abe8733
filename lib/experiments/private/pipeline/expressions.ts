/** What Step Functions evaluates. */
export function jsonata(expression: string): string {
  return `{% ${expression} %}`;
}

/** A text of JSONata. */
export function quoted(text: string): string {
  return `'${text}'`;
}
