import type { Construct } from 'constructs';
import type { ComponentDependency } from '../greengrass-component';
import { COMPONENT_NAME } from './recipe-check';
import type { RecipeDependency } from './recipe';
import { generatedName } from '../../private/naming';
import { childOf, validateText } from '../../private/validation';

const MAX_NAME = 128;

/** The given name, or a generated one of stack and path. It has dots, as is usual for component names. */
export function componentNameOf(scope: Construct, id: string, given: string | undefined): string {
  validateText(childOf(scope, id), 'componentName', given, COMPONENT_NAME);
  return given ?? generatedName(scope, id, MAX_NAME).replace(/-/g, '.');
}

/** The dependencies, each in exactly its version. A range would let a device choose another model than the one that was tested. */
export function dependencyMap(dependencies: readonly ComponentDependency[] = []): Record<string, RecipeDependency> {
  return Object.fromEntries(dependencies.map(({ component, dependencyType }) => (
    [component.componentName, { VersionRequirement: `=${component.componentVersion}`, DependencyType: dependencyType ?? 'HARD' }]
  )));
}

/** The first two numbers of a model's version, as far as it has two. */
export function versionBaseOf(modelVersion: string): string {
  const [, major = '1', minor = '0'] = /^(\d{1,9})(?:\.(\d{1,9}))?(?!\d)/.exec(modelVersion) ?? [];
  return `${Number(major)}.${Number(minor)}`;
}
