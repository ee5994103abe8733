import { invalid } from './errors';
import { fold, parseRecipe, record, RecipeError } from '../nucleus/recipe';

const MAX_BYTES = 16_000;

/** A recipe that the service takes. */
export interface CloudRecipe {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  readonly publisher: string;
  readonly platforms: readonly Readonly<Record<string, string>>[];
  readonly uris: readonly string[];
  readonly document: unknown;
}

/**
 * What CreateComponentVersion refuses: whatever the nucleus's parser would, a recipe that is too long, digests (the service sets them), two artefacts of
 * one name in a manifest. Nothing inside a Lifecycle is looked at: neither does the service.
 */
export function checkCloudRecipe(text: string): CloudRecipe {
  const bytes = Buffer.byteLength(text);
  if (bytes > MAX_BYTES) { throw invalid(`The recipe has ${bytes} bytes, more than ${MAX_BYTES}`); }
  let recipe: ReturnType<typeof parseRecipe>;
  try {
    recipe = parseRecipe(text);
  } catch (error) {
    if (error instanceof RecipeError) { throw invalid(`Invalid recipe: ${error.message}`); }
    throw error;
  }
  const document: unknown = JSON.parse(text);
  const top = fold(document);
  for (const manifest of recipe.manifests) {
    const names = manifest.artifacts.map(({ uri }) => uri.slice(uri.lastIndexOf('/') + 1));
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) { throw invalid(`Invalid recipe: two artifacts of a manifest are called ${twice}`); }
  }
  refuseDigests(document);
  return {
    name: recipe.name, version: recipe.version, document,
    description: typeof top.componentdescription === 'string' ? top.componentdescription : '',
    publisher: typeof top.componentpublisher === 'string' ? top.componentpublisher : '',
    platforms: recipe.manifests.map(({ platform }) => platform),
    uris: [...new Set(recipe.manifests.flatMap(({ artifacts }) => artifacts.map(({ uri }) => uri)))],
  };
}

function refuseDigests(value: unknown): void {
  if (Array.isArray(value)) { value.forEach(refuseDigests); return; }
  if (typeof value !== 'object' || value === null) { return; }
  const object = record(value);
  if ('Uri' in object && 'Digest' in object) { throw invalid('Invalid recipe: Digest is set by the service'); }
  Object.values(object).forEach(refuseDigests);
}
