/** The recipe variables without a parameter. */
const FIXED = ['artifacts:path', 'artifacts:decompressedPath', 'work:path', 'kernel:rootPath', 'iot:thingName'];
/** The recipe variables of another component. */
const FOREIGN = ['artifacts:path', 'artifacts:decompressedPath'];

/** A variable: braces around a text with a colon. `${…}` is a shell variable, and a quote begins JSON. */
const CANDIDATE = /(?<!\$)\{([^{}"'\n]*:[^{}"'\n]*)\}/g;
/** The component names that older nuclei recognise in a variable. */
const FOREIGN_NAME = /^[.\w]+$/;

/** What the variables of a script can refer to. */
export interface VariableScope {
  /** The direct dependencies of the recipe. */
  readonly dependencies: readonly string[];
  /** The value at a JSON pointer in the default configuration, or undefined. */
  configured(pointer: string): unknown;
}

/** A variable of a script that stands for an object outside single quotes. It becomes JSON, whose quotes the shell removes. */
export function unquotedObject(script: string, scope: VariableScope): string | undefined {
  const odd = (text: string): boolean => text.split("'").length % 2 === 0;
  for (const { 0: literal, 1: inner = '', index } of script.matchAll(CANDIDATE)) {
    const value = inner.startsWith('configuration:/') ? scope.configured(inner.slice('configuration:'.length)) : undefined;
    const before = script.slice(0, index);
    const line = before.slice(before.lastIndexOf('\n') + 1); // an apostrophe in an earlier comment is no quote
    if (typeof value === 'object' && value !== null && !odd(before) && !odd(line)) {
      return literal;
    }
  }
  return undefined;
}

/** Why the nucleus would not replace a variable in `text`, or undefined where it replaces all of them. */
export function unresolvedVariable(text: string, scope: VariableScope): string | undefined {
  for (const [literal, inner = ''] of text.matchAll(CANDIDATE)) {
    const problem = problemOf(inner, scope);
    if (problem !== undefined) {
      return `${literal}: ${problem}`;
    }
  }
  return undefined;
}

function problemOf(inner: string, scope: VariableScope): string | undefined {
  if (inner !== inner.replace(/\s/g, '')) {
    return 'blanks within the braces';
  }
  const parts = inner.split(':');
  if (parts.length === 2) {
    return problemOfOwn(inner, parts[1] ?? '', scope);
  }
  const [component = '', ...rest] = parts;
  if (parts.length > 3) {
    return 'more than two colons';
  }
  if (!scope.dependencies.includes(component)) {
    return `${component} is not among the dependencies (${scope.dependencies.join(', ') || 'there are none'})`;
  }
  if (!FOREIGN_NAME.test(component)) {
    return 'in a variable, older nuclei read component names of letters, digits, dots and underscores alone';
  }
  const variable = rest.join(':');
  if (FOREIGN.includes(variable) || variable.startsWith('configuration:/')) {
    return undefined;
  }
  return wrongCase(variable, FOREIGN) ?? `of another component there are ${FOREIGN.join(', ')} and configuration:/pointer`;
}

function problemOfOwn(inner: string, parameter: string, scope: VariableScope): string | undefined {
  if (FIXED.includes(inner)) {
    return undefined;
  }
  if (inner.startsWith('configuration:')) {
    if (!parameter.startsWith('/')) {
      return 'a JSON pointer begins with a slash';
    }
    return scope.configured(parameter) !== undefined ? undefined : `${parameter} is not in the default configuration`;
  }
  return wrongCase(inner, FIXED) ?? `there are ${FIXED.join(', ')} and configuration:/pointer`;
}

function wrongCase(inner: string, known: readonly string[]): string | undefined {
  const meant = known.find((variable) => variable.toLowerCase() === inner.toLowerCase());
  return meant === undefined ? undefined : `the nucleus knows it as {${meant}}`;
}
