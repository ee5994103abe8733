import { json } from './configuration';

/** What a script's variables lead to. */
export interface Interpolation {
  readonly thingName: string;
  readonly rootPath: string;
  readonly workPath: string;
  readonly artifactsPath: string;
  readonly unarchivedPath: string;
  readonly configuration: Readonly<Record<string, unknown>>;
  /** Direct dependencies by their names. */
  readonly dependencies: Readonly<Record<string, Pick<Interpolation, 'artifactsPath' | 'configuration' | 'unarchivedPath'>>>;
}

const OWN = /\{([.\w]+):([^:}]+)\}/g;
const FOREIGN = /\{([.\w]+):([.\w]+):([^:}]+)\}/g;

/** Replaces recipe variables in all texts of a lifecycle. What the nucleus does not know stays as it is. */
export function interpolate(value: unknown, scope: Interpolation): unknown {
  if (typeof value === 'string') {
    return interpolateText(value, scope);
  }
  if (Array.isArray(value)) {
    return value.map((item) => interpolate(item, scope));
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, interpolate(child, scope)]));
  }
  return value;
}

function interpolateText(text: string, scope: Interpolation): string {
  return text
    .replace(OWN, (literal, namespace: string, key: string) => own(namespace, key, scope) ?? literal)
    .replace(FOREIGN, (literal, component: string, namespace: string, key: string) => {
      const dependency = scope.dependencies[component];
      return dependency ? shared(namespace, key, dependency) ?? literal : literal;
    });
}

function own(namespace: string, key: string, scope: Interpolation): string | undefined {
  switch (`${namespace}:${key}`) {
    case 'iot:thingName': return scope.thingName;
    case 'kernel:rootPath': return scope.rootPath;
    case 'work:path': return scope.workPath;
    default: return shared(namespace, key, scope);
  }
}

function shared(namespace: string, key: string, scope: Pick<Interpolation, 'artifactsPath' | 'configuration' | 'unarchivedPath'>): string | undefined {
  if (namespace === 'configuration') {
    return configured(scope.configuration, key);
  }
  if (namespace !== 'artifacts') {
    return undefined;
  }
  if (key === 'path') {
    return scope.artifactsPath;
  }
  return key === 'decompressedPath' ? scope.unarchivedPath : undefined;
}

/** Objects become JSON; a shell eats its quotes unless they are quoted themselves. */
function configured(configuration: unknown, pointer: string): string | undefined {
  let value = configuration;
  for (const part of pointer.split('/').slice(1)) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const entry = typeof value === 'object' && value !== null ? Object.entries(value).find(([name]) => name === key) : undefined;
    if (!entry) {
      return undefined;
    }
    value = entry[1];
  }
  return typeof value === 'string' ? value : json(value);
}
