import type { Construct } from 'constructs';
import type { ComponentDependency } from '../greengrass-component';
import { COMPONENT_NAME } from './recipe-check';
import type { RecipeDependency } from './recipe';
import { generatedName, shortHash } from '../../private/naming';
import { childOf, validateText } from '../../private/validation';

const MAX_NAME = 128;

/**
 * The given name, or a generated one of stack and path. It has dots, as is usual for component names.
 *
 * @param max of a generated name, which is shortened with a hash
 */
export function componentNameOf(scope: Construct, id: string, given: string | undefined, max = MAX_NAME): string {
  validateText(childOf(scope, id), 'componentName', given, COMPONENT_NAME);
  return given ?? generatedName(scope, id, max).replace(/-/g, '.');
}

/** The dependencies, each in exactly its version. A range would let a device choose another model than the one that was tested. */
export function dependencyMap(dependencies: readonly ComponentDependency[] = []): Record<string, RecipeDependency> {
  return Object.fromEntries(dependencies.map(({ component, dependencyType }) => (
    [component.componentName, { VersionRequirement: `=${component.componentVersion}`, DependencyType: dependencyType ?? 'HARD' }]
  )));
}

/** What a derived version begins with. */
export interface VersionBase {
  /** 0 to 999999. */
  readonly major: number;
  /** 0 to 99. */
  readonly minor: number;
}

const DEFAULT_BASE: VersionBase = { major: 1, minor: 0 };
/** Each part of a version has at most six digits, which is the limit of nucleus classic. */
const PART = 1_000_000;
/** The digits of the hash that share a part with the minor number. */
const UPPER = 10_000;

/** The first two numbers of a model's version, as far as it has two. Where they do not fit into a derived version, 1 and 0. */
export function versionBaseOf(modelVersion: string): VersionBase {
  const [, major, minor = '0'] = /^(\d+)(?:\.(\d+))?/.exec(modelVersion) ?? [];
  const fits = major !== undefined && Number(major) < PART && Number(minor) < PART / UPPER;
  return fits ? { major: Number(major), minor: Number(minor) } : DEFAULT_BASE;
}

/**
 * A version of `content`: the same content has the same version, and another content has another version, since a version cannot be
 * changed. It is `<major>.<minor, four digits>.<six digits>`, with ten digits of a hash: 2.1 gives `2.1dddd.dddddd`, so that a later
 * model sorts behind an earlier one. The digits do not order contents, so deployments and dependencies pin the version exactly.
 */
export function versionOfContent(content: string, { major, minor }: VersionBase = DEFAULT_BASE): string {
  const hash = Number.parseInt(shortHash(content, 13), 16) % (UPPER * PART);
  return `${major}.${minor * UPPER + Math.floor(hash / PART)}.${hash % PART}`;
}
