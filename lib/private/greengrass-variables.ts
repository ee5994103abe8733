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
  /** Whether a JSON pointer leads to something in the default configuration. */
  hasConfiguration(pointer: string): boolean;
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
    return scope.hasConfiguration(parameter) ? undefined : `${parameter} is not in the default configuration`;
  }
  return wrongCase(inner, FIXED) ?? `there are ${FIXED.join(', ')} and configuration:/pointer`;
}

function wrongCase(inner: string, known: readonly string[]): string | undefined {
  const meant = known.find((variable) => variable.toLowerCase() === inner.toLowerCase());
  return meant === undefined ? undefined : `the nucleus knows it as {${meant}}`;
}
