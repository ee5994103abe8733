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
