/** A recipe as the nucleus holds it once it has read it. */
export interface NucleusRecipe {
  readonly name: string;
  readonly version: string;
  readonly defaultConfiguration: Readonly<Record<string, unknown>>;
  readonly dependencies: readonly NucleusDependency[];
  readonly manifests: readonly NucleusManifest[];
  /** Of the recipe; read where a manifest has none of its own. */
  readonly lifecycle: Readonly<Record<string, unknown>>;
}

export interface NucleusDependency {
  readonly name: string;
  readonly requirement: string;
  readonly hard: boolean;
}

export interface NucleusManifest {
  readonly platform: Readonly<Record<string, string>>;
  readonly lifecycle: Readonly<Record<string, unknown>>;
  readonly artifacts: readonly NucleusArtifact[];
}

export interface NucleusArtifact {
  readonly uri: string;
  readonly unarchive: boolean;
  readonly read: string;
  readonly execute: string;
  /** Base64 SHA-256; only where the recipe names the algorithm too: a digest without it is ignored. */
  readonly digest?: string;
}

/** What the parser of nucleus classic throws: the whole deployment fails. */
export class RecipeError extends Error {
  public override readonly name = 'RecipeError';
}

const TOP = [
  'recipeformatversion', 'componentname', 'componentversion', 'componentdescription', 'componentpublisher', 'componenttype',
  'componentsource', 'componentconfiguration', 'componentdependencies', 'manifests', 'lifecycle',
];
const MANIFEST = ['name', 'platform', 'lifecycle', 'selections', 'artifacts'];
const NAME = /^[a-zA-Z0-9-_.]+$/;
const VERSION = /^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;
/** Of nucleus classic 2.18.2, in whose words it is refused: `1.0.999999` was deployed there, `1.0.1000000` was not. */
const LARGEST_PART = 999_999;
const RANGE = /^[\d\s.<>=^~|xX*vA-Za-z+-]+$/;

/**
 * Reads a recipe as nucleus classic does: keys and enum values without regard to case, unknown keys refused at the
 * top, in a manifest and in ComponentConfiguration, and nothing at all checked inside a Lifecycle.
 */
export function parseRecipe(text: string): NucleusRecipe {
  const top = fold(parseJson(text));
  refuseUnknown('the recipe', top, TOP);
  if (top.recipeformatversion !== '2020-01-25') {
    throw new RecipeError(`RecipeFormatVersion ${String(top.recipeformatversion)} is not supported`);
  }
  const { componentname: name, componentversion: version, manifests } = top;
  if (typeof name !== 'string' || name.length > 128 || !NAME.test(name)) {
    throw new RecipeError(`component name ${String(name)} is not valid`);
  }
  if (typeof version !== 'string' || !VERSION.test(version)) {
    throw new RecipeError(`component version ${String(version)} is not a semantic version`);
  }
  if (version.split(/[-+]/, 1).join().split('.').some((part) => Number(part) > LARGEST_PART)) {
    throw new RecipeError("Component version major, minor, patch can't exceed 6 digits");
  }
  if (!Array.isArray(manifests) || manifests.length === 0) {
    throw new RecipeError('Manifests must have at least one manifest');
  }
  const configuration = fold(top.componentconfiguration ?? {});
  refuseUnknown('ComponentConfiguration', configuration, ['defaultconfiguration']);
  return {
    name, version,
    defaultConfiguration: record(configuration.defaultconfiguration ?? {}),
    dependencies: Object.entries(record(top.componentdependencies ?? {})).map(parseDependency),
    manifests: manifests.map(parseManifest),
    lifecycle: record(top.lifecycle ?? {}),
  };
}

function parseDependency([name, value]: [string, unknown]): NucleusDependency {
  const { versionrequirement: requirement = '*', dependencytype: type = 'HARD' } = fold(value);
  if (typeof requirement !== 'string' || !RANGE.test(requirement)) {
    throw new RecipeError(`VersionRequirement ${String(requirement)} of ${name} is not valid`);
  }
  const kind = String(type).toUpperCase();
  if (kind !== 'HARD' && kind !== 'SOFT') {
    throw new RecipeError(`DependencyType ${String(type)} of ${name} is not valid`);
  }
  return { name, requirement, hard: kind === 'HARD' };
}

function parseManifest(value: unknown): NucleusManifest {
  const manifest = fold(value);
  refuseUnknown('a manifest', manifest, MANIFEST);
  const artifacts: unknown = manifest.artifacts ?? [];
  if (!Array.isArray(artifacts)) {
    throw new RecipeError('Artifacts must be a list');
  }
  return {
    platform: Object.fromEntries(Object.entries(record(manifest.platform ?? {})).map(([key, match]) => [key, String(match)])),
    lifecycle: record(manifest.lifecycle ?? {}),
    artifacts: artifacts.map(parseArtifact),
  };
}

function parseArtifact(value: unknown): NucleusArtifact {
  const artifact = fold(value);
  const { uri, unarchive = 'NONE', digest, algorithm } = artifact;
  const permission = fold(artifact.permission ?? {});
  if (typeof uri !== 'string') {
    throw new RecipeError('an artifact must have a Uri');
  }
  const kind = String(unarchive).toUpperCase();
  if (kind !== 'ZIP' && kind !== 'NONE') {
    throw new RecipeError(`Unarchive ${String(unarchive)} is not supported`);
  }
  return {
    uri, unarchive: kind === 'ZIP', read: choice(permission.read, 'OWNER'), execute: choice(permission.execute, 'NONE'),
    ...(typeof digest === 'string' && typeof algorithm === 'string' ? { digest } : {}),
  };
}

/** The first manifest for this device; undefined where none is. */
export function matchingManifest(recipe: NucleusRecipe, device: Readonly<Record<string, string>>): NucleusManifest | undefined {
  return recipe.manifests.find(({ platform }) => Object.entries(platform).every(([key, wanted]) => matches(wanted, device[key], key)));
}

/** Exact, any, or a regular expression between slashes. */
function matches(wanted: string, got: string | undefined, key: string): boolean {
  if (wanted === '*' || (key === 'os' && wanted === 'all')) {
    return true;
  }
  if (wanted.length > 2 && wanted.startsWith('/') && wanted.endsWith('/')) {
    return got !== undefined && new RegExp(`^(?:${wanted.slice(1, -1)})$`).test(got);
  }
  return wanted === got;
}

function choice(value: unknown, fallback: string): string {
  return typeof value === 'string' ? value.toUpperCase() : fallback;
}

export function record(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new RecipeError(`wanted an object, got ${JSON.stringify(value)}`);
  }
  return Object.fromEntries(Object.entries(value));
}

/** Keys in lower case. */
export function fold(value: unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record(value)).map(([key, child]) => [key.toLowerCase(), child]));
}

function refuseUnknown(what: string, value: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const unknown = Object.keys(value).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new RecipeError(`${what} has an unknown key: ${unknown}`);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new RecipeError('the recipe is not JSON');
  }
}
