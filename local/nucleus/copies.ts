import * as fs from 'node:fs';
import * as path from 'node:path';

/** A local deployment refuses digests that it did not make. */
export function withoutDigests(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withoutDigests);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value).filter(([key]) => key !== 'Digest' && key !== 'Algorithm').map(([key, child]) => [key, withoutDigests(child)]),
  );
}

/** Makes the folder of the file too. */
export function save(file: string, content: string | Buffer): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, content);
}
