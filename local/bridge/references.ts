import { type CfnResource, type IResolveContext, Lazy } from 'aws-cdk-lib';

/** Where a resource's template says which attributes of others it uses. */
export const REFERENCES_KEY = 'cdk-sagemaker-edge-references';

/**
 * Writes the attributes of other resources that a resource uses into its metadata. The emulator compares templates
 * with all `Fn::GetAtt` left open, so that it takes a change of one for no change; it compares metadata as it stands.
 */
export function showReferences(resource: CfnResource): void {
  let isRendering = false; // the metadata are part of what they are made of
  resource.addOverride(`Metadata.${REFERENCES_KEY}`, Lazy.uncachedAny({
    produce: (context) => {
      if (isRendering) {
        return undefined;
      }
      isRendering = true;
      try {
        const references = [...attributesIn(render(resource, context))];
        return references.length === 0 ? undefined : references;
      } finally {
        isRendering = false;
      }
    },
  }));
}

/** What the resource is in the template. The function is there for CDK's own use alone. */
function render(resource: CfnResource, context: IResolveContext): unknown {
  const own: unknown = Reflect.get(resource, '_toCloudFormation');
  return typeof own === 'function' ? context.resolve(Reflect.apply(own, resource, [])) : undefined;
}

/** The arguments of each `Fn::GetAtt`, in the order in which they come. */
function* attributesIn(value: unknown): Generator<string> {
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
