import type { Construct } from 'constructs';
import type { ComponentDependency } from '../greengrass-component';
import { COMPONENT_NAME } from './recipe-check';
import type { RecipeDependency } from './recipe';
import { generatedName } from '../../private/naming';
import { childOf, validateText } from '../../private/validation';

const MAX_NAME = 128;

/** The given name, or one of stack and path with dots, as component names have them. */
export function componentNameOf(scope: Construct, id: string, given: string | undefined): string {
  validateText(childOf(scope, id), 'componentName', given, COMPONENT_NAME);
  return given ?? generatedName(scope, id, MAX_NAME).replace(/-/g, '.');
}

/** Each dependency in exactly its version: ranges would let a device choose another model than the one that was tested. */
export function dependencyMap(dependencies: readonly ComponentDependency[] = []): Record<string, RecipeDependency> {
  return Object.fromEntries(dependencies.map(({ component, dependencyType }) => (
    [component.componentName, { VersionRequirement: `=${component.componentVersion}`, DependencyType: dependencyType ?? 'HARD' }]
  )));
}

/** The first two numbers of a model's version, as far as it has them. */
export function versionBaseOf(modelVersion: string): string {
  const [, major = '1', minor = '0'] = /^(\d{1,9})(?:\.(\d{1,9}))?(?!\d)/.exec(modelVersion) ?? [];
  return `${Number(major)}.${Number(minor)}`;
}
