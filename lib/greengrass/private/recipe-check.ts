import { Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { checkManifest } from './manifest-check';
import { LITE } from './recipe';
import { isRecord, refuseUnknownKeys, valueAt } from '../../private/objects';
import type { TextRule } from '../../private/validation';
import { validateText, ValidationError, type Located } from '../../private/validation';

/** The names of components. `aws.greengrass` is reserved: a component with such a name would replace AWS's own on every device. */
export const COMPONENT_NAME: TextRule = {
  min: 1,
  max: 128,
  pattern: /^(?!aws\.greengrass)[a-zA-Z0-9_.-]+$/i,
  wanted: "letters, digits and _ . -, and must not begin with 'aws.greengrass'",
};

const NUMBER = String.raw`(0|[1-9]\d{0,9})`;
const IDENTIFIERS = String.raw`[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*`;

/** Versions have three numbers. The nucleus refuses `1.0`. */
export const COMPONENT_VERSION: TextRule = {
  min: 5,
  max: 64,
  pattern: new RegExp(String.raw`^${NUMBER}\.${NUMBER}\.${NUMBER}(-${IDENTIFIERS})?(\+${IDENTIFIERS})?$`),
  wanted: 'a semantic version with three parts, such as 1.0.0',
};
/** Nucleus classic 2.18.2 refuses more: "Component version major, minor, patch can't exceed 6 digits". */
const LARGEST_PART = 999_999;

/** A range of versions, as npm writes it. */
const PARTS = String.raw`(?:\d+|[xX*])(?:\.(?:\d+|[xX*])){0,2}`;
const COMPARATOR = String.raw`(?:[<>]=?|=|\^|~)?\s*v?${PARTS}(?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?`;
const RANGE = new RegExp(`^${COMPARATOR}(?:(?:\\s+-\\s+|\\s*\\|\\|\\s*|\\s+)${COMPARATOR})*$`);

const TOP_LEVEL = [
  'RecipeFormatVersion', 'ComponentName', 'ComponentVersion', 'ComponentDescription', 'ComponentPublisher',
  'ComponentConfiguration', 'ComponentDependencies', 'Manifests',
];

/**
 * Check a recipe. It throws for what a nucleus would refuse, and for what a nucleus would ignore without an error: with
 * a misspelt lifecycle step, a deployment succeeds and nothing runs.
 */
export function checkRecipe(scope: IConstruct | undefined, recipe: unknown): void {
  const top = asRecord(scope, 'a recipe', recipe);
  refuseUnknownKeys(scope, 'the recipe', top, TOP_LEVEL);
  if (top.RecipeFormatVersion !== '2020-01-25') {
    fail(scope, "RecipeFormatVersion must be '2020-01-25'", top.RecipeFormatVersion);
  }
  const name = asText(scope, 'ComponentName', top.ComponentName);
  validateText(scope, 'ComponentName', name, COMPONENT_NAME);
  checkVersion(scope, asText(scope, 'ComponentVersion', top.ComponentVersion));
  const dependencies = checkDependencies(scope, name, top.ComponentDependencies);
  const configuration = checkConfiguration(scope, top.ComponentConfiguration);
  const manifests: unknown = top.Manifests;
  if (!Array.isArray(manifests) || manifests.length === 0) {
    fail(scope, 'Manifests must be a list of at least one manifest', manifests);
  }
  const variables = { dependencies, configured: (pointer: string) => valueAt(configuration, pointer) };
  for (const [index, manifest] of (Array.isArray(manifests) ? manifests : []).entries()) {
    checkManifest(scope, `Manifests[${index}]`, manifest, variables);
  }
  checkOrder(scope, Array.isArray(manifests) ? manifests : []);
}

/** A device takes the first manifest that matches, and `*` matches nucleus lite too. */
function checkOrder(scope: IConstruct | undefined, manifests: readonly unknown[]): void {
  const platforms = manifests.map((manifest) => asRecord(scope, 'Platform', asRecord(scope, 'a manifest', manifest).Platform));
  const lite = platforms.findIndex((platform, index) => platform.runtime === LITE
    && platforms.slice(0, index).some((earlier) => earlier.runtime === '*' && covers(earlier, platform)));
  if (lite >= 0) {
    fail(scope, `Manifests[${lite}] must be before the manifest for all nuclei, which nucleus lite would take`, platforms[lite]);
  }
}

function covers(earlier: Readonly<Record<string, unknown>>, later: Readonly<Record<string, unknown>>): boolean {
  return ['os', 'architecture'].every((key) => ['*', 'all', undefined, later[key]].includes(earlier[key]));
}

/** Check a version. It throws where a nucleus could not read it. */
export function checkVersion(scope: Located | undefined, version: string): void {
  validateText(scope, 'ComponentVersion', version, COMPONENT_VERSION);
  if (Token.isUnresolved(version)) {
    return;
  }
  if (version.split(/[-+]/, 1).join().split('.').some((part) => Number(part) > LARGEST_PART)) {
    throw new ValidationError(scope, `each part of ComponentVersion must be at most ${LARGEST_PART}, got '${version}'`);
  }
}

function checkDependencies(scope: IConstruct | undefined, name: string, value: unknown): string[] {
  if (value === undefined) {
    return [];
  }
  const dependencies = asRecord(scope, 'ComponentDependencies', value);
  for (const [dependency, details] of Object.entries(dependencies)) {
    const what = `ComponentDependencies.${dependency}`;
    if (dependency === name) {
      throw new ValidationError(scope, `${what} must name another component, got the component itself`);
    }
    const record = asRecord(scope, what, details);
    refuseUnknownKeys(scope, what, record, ['VersionRequirement', 'DependencyType']);
    const requirement = record.VersionRequirement;
    if (typeof requirement !== 'string' || (!Token.isUnresolved(requirement) && !RANGE.test(requirement.trim()))) {
      fail(scope, `${what}.VersionRequirement must be a range of versions, such as '>=1.0.0 <2.0.0'`, requirement);
    }
    if (record.DependencyType !== 'HARD' && record.DependencyType !== 'SOFT') {
      fail(scope, `${what}.DependencyType must be HARD or SOFT`, record.DependencyType);
    }
  }
  return Object.keys(dependencies);
}

function checkConfiguration(scope: IConstruct | undefined, value: unknown): unknown {
  if (value === undefined) {
    return {};
  }
  const record = asRecord(scope, 'ComponentConfiguration', value);
  refuseUnknownKeys(scope, 'ComponentConfiguration', record, ['DefaultConfiguration']);
  const configuration = asRecord(scope, 'ComponentConfiguration.DefaultConfiguration', record.DefaultConfiguration);
  refuseNumbers(scope, 'DefaultConfiguration', configuration);
  return configuration;
}

/** A configuration update turns numbers into doubles: port 2 arrives as `2.0`. */
export function refuseNumbers(scope: IConstruct | undefined, what: string, value: unknown): void {
  if (typeof value === 'number') {
    fail(scope, `${what} must be text, since the nucleus makes 2.0 of the number 2`, value);
  }
  if (typeof value !== 'object' || value === null) {
    return;
  }
  for (const [key, child] of Object.entries(value)) {
    refuseNumbers(scope, `${what}.${key}`, child);
  }
}

function asRecord(scope: IConstruct | undefined, what: string, value: unknown): Record<string, unknown> {
  return isRecord(value) ? value : fail(scope, `${what} must be an object`, value);
}

function asText(scope: IConstruct | undefined, what: string, value: unknown): string {
  return typeof value === 'string' ? value : fail(scope, `${what} must be text`, value);
}

function fail(scope: IConstruct | undefined, wanted: string, got: unknown): never {
  throw new ValidationError(scope, `${wanted}, got ${got === undefined ? 'nothing' : JSON.stringify(got)}`);
}
