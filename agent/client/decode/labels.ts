import { readFile } from 'node:fs/promises';

/** A line a class. Undefined: classes have numbers alone. */
export async function readLabels(file: string | undefined): Promise<readonly string[] | undefined> {
  if (file === undefined) {
    return undefined;
  }
  return (await readFile(file, 'utf8')).replace(/(\r?\n)+$/, '').split(/\r?\n/).map((line) => line.trim());
}

export function labelOf(labels: readonly string[] | undefined, index: number): string {
  return labels?.[index] ?? `class ${index}`;
}
