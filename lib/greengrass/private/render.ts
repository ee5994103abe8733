import { Duration } from 'aws-cdk-lib';
import type { ComponentLifecycle, LifecycleStep } from '../component-lifecycle';
import type { BoundArtifact } from './artifact';
import { isRecord, sortedByKey } from '../../private/objects';
import type { RecipeArtifact } from './recipe';

/** The names of a step's properties in a recipe. Others keep their names, so that the check refuses a misspelt one instead of losing it. */
const STEP_NAMES: Readonly<Record<string, string>> = {
  script: 'Script', timeout: 'Timeout', requiresPrivilege: 'RequiresPrivilege', skipIf: 'Skipif',
};

/** A lifecycle in the spelling that nucleus classic and nucleus lite both read. */
export function renderLifecycle(lifecycle: ComponentLifecycle): Record<string, unknown> {
  return Object.fromEntries(given(lifecycle).map(([name, value]) => (
    name === 'environment' ? ['Setenv', renderEnvironment(value)] : [name, isRecord(value) ? renderStep(value) : value]
  )));
}

function renderStep(step: Partial<LifecycleStep>): Record<string, unknown> {
  return Object.fromEntries(given(step).map(([name, value]) => (
    name === 'environment' ? ['Setenv', renderEnvironment(value)] : [STEP_NAMES[name] ?? name, renderValue(value)]
  )));
}

function renderEnvironment(value: unknown): unknown {
  return isRecord(value) ? sortedByKey(value) : value;
}

function renderValue(value: unknown): unknown {
  if (value instanceof Duration) {
    return value.toSeconds();
  }
  return isRecord(value) && 'expression' in value ? value.expression : value;
}

function given(struct: object): [string, unknown][] {
  return Object.entries(struct).filter(([, value]) => value !== undefined);
}

/** An artifact in the bucket of its component, where its key names component and version. */
export function renderArtifact(artifact: BoundArtifact, folderUri: string): RecipeArtifact {
  return {
    Uri: `${folderUri}/${artifact.fileName}`,
    Unarchive: artifact.unarchive ? 'ZIP' : 'NONE',
    Permission: { Read: artifact.read, Execute: artifact.execute },
  };
}
