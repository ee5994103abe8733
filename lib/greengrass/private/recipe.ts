/** A component recipe as the service and both kinds of nucleus read it. Both know steps in lower case and attributes with a capital. */
export interface Recipe {
  readonly RecipeFormatVersion: '2020-01-25';
  readonly ComponentName: string;
  readonly ComponentVersion: string;
  readonly ComponentDescription?: string;
  readonly ComponentPublisher?: string;
  readonly ComponentConfiguration?: { readonly DefaultConfiguration: Readonly<Record<string, unknown>> };
  readonly ComponentDependencies?: Readonly<Record<string, RecipeDependency>>;
  readonly Manifests: readonly RecipeManifest[];
}

export interface RecipeDependency {
  readonly VersionRequirement: string;
  readonly DependencyType: 'HARD' | 'SOFT';
}

export interface RecipeManifest {
  readonly Platform: Readonly<Record<string, string>>;
  readonly Lifecycle: Readonly<Record<string, unknown>>;
  readonly Artifacts: readonly RecipeArtifact[];
}

export interface RecipeArtifact {
  readonly Uri: string;
  readonly Unarchive: 'NONE' | 'ZIP';
  readonly Permission: { readonly Read: string; readonly Execute: string };
}

/** The largest recipe that the service accepts, in bytes. */
export const MAX_RECIPE_BYTES = 16_000;

/** The runtime of a platform that nucleus lite alone has. */
export const LITE = 'aws_nucleus_lite';

/** The largest recipe that nucleus lite 2.6.0 can read, in bytes: its buffer. */
export const MAX_LITE_RECIPE_BYTES = 8195;

/** `"Digest":"<44 characters>","Algorithm":"SHA-256",`, rounded up. */
const DIGEST_BYTES = 90;
/** What a stored recipe has beside: a type of the component, an empty lifecycle, selections of the manifests. */
const ADDED_BYTES = 200;

/** The bytes of a recipe as a device gets it from the service. */
export function liteBytes({ Manifests: manifests }: Recipe, bytes: number): number {
  return bytes + ADDED_BYTES + manifests.reduce((sum, { Artifacts: artifacts }) => sum + artifacts.length * DIGEST_BYTES, 0);
}
