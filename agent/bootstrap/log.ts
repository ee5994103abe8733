/** One JSON line: the journal adds the time. Identifiers and states only. */
export function log(message: string, fields: Readonly<Record<string, string>> = {}): void {
  console.log(JSON.stringify({ message, ...fields }));
}
