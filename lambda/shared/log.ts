/** One JSON line. Give identifiers and states only: never properties, URLs or credentials as a whole. */
export function log(message: string, fields: Readonly<Record<string, string | number | boolean | undefined>> = {}): void {
  console.log(JSON.stringify({ message, ...fields }));
}
