/** A component recipe as the service and both kinds of nucleus read it. Lower-case steps and capitalised attributes are the spelling that both know. */
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

/** The longest recipe that the service takes, in bytes. */
export const MAX_RECIPE_BYTES = 16_000;
