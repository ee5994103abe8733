/** Where a resource's template says which attributes of others it uses. */
export const REFERENCES_KEY = 'cdk-sagemaker-edge-references';

/**
 * The arguments of each `Fn::GetAtt` of a resource, in the order in which they come. They go into its metadata: the emulator
 * compares templates with all `Fn::GetAtt` left open, so that it takes a change of one for no change; it compares metadata
 * as it stands.
 */
export function* attributesIn(value: unknown): Generator<string> {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    if (key === 'Fn::GetAtt') {
      yield Array.isArray(child) ? child.join('.') : String(child);
    } else {
      yield* attributesIn(child);
    }
  }
}
