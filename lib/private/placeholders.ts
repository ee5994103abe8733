/** A placeholder is written `@NAME@`, as in autoconf's templates: shell and systemd units with it are still valid. */
const PLACEHOLDER = /^([ \t]*)@([A-Z][A-Z0-9_]*)@\n|@([A-Z][A-Z0-9_]*)@/gm;

/**
 * Fill the placeholders of a file. A placeholder that is alone on its line takes a text of lines, and gives each line its indentation.
 * Values are not searched for placeholders.
 */
export function fillPlaceholders(file: string, text: string, values: Readonly<Record<string, string>> = {}): string {
  const unused = new Set(Object.keys(values));
  const filled = text.replace(PLACEHOLDER, (_match, indentation: string, ofLine: string | undefined, within: string) => {
    const name = ofLine ?? within;
    const value = values[name];
    if (value === undefined) {
      throw new Error(`${file} has the placeholder @${name}@, which gets no value`);
    }
    unused.delete(name);
    return ofLine === undefined ? value : lines(value, indentation);
  });
  const [first] = unused;
  if (first !== undefined) {
    throw new Error(`${file} has no placeholder @${first}@, which gets a value`);
  }
  return filled;
}

function lines(text: string, indentation: string): string {
  const indented = text.replace(/^(?=.)/gm, indentation);
  return indented.endsWith('\n') ? indented : `${indented}\n`;
}
