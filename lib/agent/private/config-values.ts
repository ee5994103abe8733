import type { Size } from 'aws-cdk-lib';

/** Each key of the agent's configuration begins with this. */
export const KEY = 'sagemaker_edge_';

/** Undefined for a token, too. */
export function bytes(size: Size | undefined): number | undefined {
  return size === undefined || size.isUnresolved() ? undefined : size.toBytes();
}

/** The values that are defined, with the prefix of all keys. */
export function defined(
  values: Readonly<Record<string, string | number | boolean | undefined>>,
): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {};
  for (const [key, value] of Object.entries(values)) {
    if (value !== undefined) {
      kept[`${KEY}${key}`] = value;
    }
  }
  return kept;
}
