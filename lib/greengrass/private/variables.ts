/** Recipe variables without a parameter, by their namespace. */
const FIXED = ['artifacts:path', 'artifacts:decompressedPath', 'work:path', 'kernel:rootPath', 'iot:thingName'];
/** What another component's variable may name. */
const FOREIGN = ['artifacts:path', 'artifacts:decompressedPath'];

/** Braces around something with a colon, which is how a variable looks; `${…}` is the shell's, and a quote begins JSON. */
const CANDIDATE = /(?<!\$)\{([^{}"'\n]*:[^{}"'\n]*)\}/g;
/** Names of components that old nuclei find in a variable. */
const FOREIGN_NAME = /^[.\w]+$/;

/** What a nucleus would make of a script's variables. */
export interface VariableScope {
  /** Components that the recipe depends on directly. */
  readonly dependencies: readonly string[];
  /** What a JSON pointer leads to in the default configuration; undefined where it leads to nothing. */
  configured(pointer: string): unknown;
}

/** A variable in a script that stands for an object, outside single quotes: it becomes JSON, and the shell eats its quotes. */
export function unquotedObject(script: string, scope: VariableScope): string | undefined {
  const odd = (text: string): boolean => text.split("'").length % 2 === 0;
  for (const { 0: literal, 1: inner = '', index } of script.matchAll(CANDIDATE)) {
    const value = inner.startsWith('configuration:/') ? scope.configured(inner.slice('configuration:'.length)) : undefined;
    const before = script.slice(0, index);
    if (typeof value === 'object' && value !== null && !odd(before) && !odd(before.slice(before.lastIndexOf('\n') + 1))) { return literal; } // an apostrophe in a comment is no quote
  }
  return undefined;
}

/** Why the nucleus would leave a variable in `text` as it is; undefined where it replaces each of them. */
export function unresolvedVariable(text: string, scope: VariableScope): string | undefined {
  for (const [literal, inner = ''] of text.matchAll(CANDIDATE)) {
    const problem = problemOf(inner, scope);
    if (problem !== undefined) { return `${literal}: ${problem}`; }
  }
  return undefined;
}

function problemOf(inner: string, scope: VariableScope): string | undefined {
  if (inner !== inner.replace(/\s/g, '')) { return 'blanks within the braces'; }
  const parts = inner.split(':');
  if (parts.length === 2) { return problemOfOwn(inner, parts[1] ?? '', scope); }
  const [component = '', ...rest] = parts;
  if (parts.length > 3) { return 'more than two colons'; }
  if (!scope.dependencies.includes(component)) { return `${component} is not among the dependencies (${scope.dependencies.join(', ') || 'there are none'})`; }
  if (!FOREIGN_NAME.test(component)) { return 'in a variable, older nuclei read component names of letters, digits, dots and underscores alone'; }
  const variable = rest.join(':');
  if (FOREIGN.includes(variable) || variable.startsWith('configuration:/')) { return undefined; }
  return wrongCase(variable, FOREIGN) ?? `of another component there are ${FOREIGN.join(', ')} and configuration:/pointer`;
}

function problemOfOwn(inner: string, parameter: string, scope: VariableScope): string | undefined {
  if (FIXED.includes(inner)) { return undefined; }
  if (inner.startsWith('configuration:')) {
    if (!parameter.startsWith('/')) { return 'a JSON pointer begins with a slash'; }
    return scope.configured(parameter) !== undefined ? undefined : `${parameter} is not in the default configuration`;
  }
  return wrongCase(inner, FIXED) ?? `there are ${FIXED.join(', ')} and configuration:/pointer`;
}

function wrongCase(inner: string, known: readonly string[]): string | undefined {
  const meant = known.find((variable) => variable.toLowerCase() === inner.toLowerCase());
  return meant === undefined ? undefined : `the nucleus knows it as {${meant}}`;
}
