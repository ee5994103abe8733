/** One action on one resource, as a template grants it, in each deployment of that template. */
export interface Right {
  readonly action: string;
  readonly deployments: readonly {
    /** The ARN, with its wildcards, as it stood in the role's policy. */
    readonly pattern: string;
    /** The ARNs for which this role used the action, whichever statement they fall under; `*` for an action that knows no resources. */
    readonly seen: readonly string[];
  }[];
}

/** A right that is meant to be, although no run shows that it must be so wide. */
export interface Listed {
  readonly actions: readonly string[];
  /** The whole of the pattern. */
  readonly pattern: RegExp;
  /** What each wildcard may stand for, whole; absent for a right that no run uses. */
  readonly stands?: RegExp;
  readonly reason: string;
}

/**
 * What is wrong with the rights:
 *
 * - `*` alone is for actions that know no resources.
 * - A pattern without wildcards was used, as it stands.
 * - A wildcard stands for one part of a name, and in one and the same deployment it stood for two values at least
 *   that have no beginning or end in common up to a `/ : . _ -`: otherwise a narrower pattern would have done.
 * - Everything else is listed with its reason; what a listed wildcard stood for is what the list says; and what is listed is needed.
 */
export function needlessWidth(rights: readonly Right[], listed: readonly Listed[]): string[] {
  const used = new Set<Listed>();
  const problems = rights.flatMap((right) => {
    const problem = judge(right);
    const excuse = problem === undefined ? undefined : listed.find((entry) => excuses(entry, right));
    if (excuse) {
      used.add(excuse);
    }
    return problem === undefined || excuse ? [] : [problem];
  });
  const unused = listed.filter((entry) => !used.has(entry));
  const stale = unused.map(({ actions, pattern }) => `listed for nothing: ${actions.join(', ')} on ${String(pattern)}`);
  return [...new Set(problems), ...stale];
}

/** Undefined if some deployment shows that the right is needed as it stands. */
function judge({ action, deployments }: Right): string | undefined {
  let problem: string | undefined;
  for (const { pattern, seen } of deployments) {
    const values = wildcards(pattern, seen);
    if (values === undefined) {
      problem ??= `${action} on ${pattern}: never used${seen.length === 0 ? '' : ` there, but on ${shown(seen)}`}`;
      continue;
    }
    const narrower = pattern === '*' ? resourceless(seen) : values.map(narrow).find((found) => found !== undefined);
    if (narrower === undefined) {
      return undefined;
    }
    problem = `${action} on ${pattern}: a wildcard stood for ${narrower} alone`;
  }
  return problem;
}

function excuses({ actions, pattern, stands }: Listed, { action, deployments }: Right): boolean {
  if (!actions.includes(action) || !deployments.every((deployment) => whole(pattern, deployment.pattern))) {
    return false;
  }
  const values = deployments.map((deployment) => wildcards(deployment.pattern, deployment.seen));
  if (stands === undefined) {
    return values.every((found) => found === undefined);
  }
  const stoodFor = values.flatMap((found) => (found ?? []).flat());
  return values.some((found) => found !== undefined) && stoodFor.every((value) => whole(stands, value));
}

/** What each wildcard of the pattern stood for; undefined if nothing that was seen falls under it. */
function wildcards(pattern: string, seen: readonly string[]): string[][] | undefined {
  const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`);
  const expression = new RegExp(`^${escaped.replaceAll('*', '(.*)').replaceAll('?', '(.)')}$`, 's');
  const matches = seen.flatMap((arn) => {
    const match = expression.exec(arn);
    return match ? [match.slice(1)] : [];
  });
  const [first] = matches;
  return first?.map((_, index) => [...new Set(matches.map((match) => match[index] ?? ''))]);
}

/** What would have done in place of the resource `*`; undefined if the action knows no resources. */
function resourceless(seen: readonly string[]): string | undefined {
  return seen.includes('*') ? undefined : shown(seen);
}

/** What would have done in place of a wildcard that stood for these. */
function narrow(values: readonly string[]): string | undefined {
  const path = values.find((value) => /[/:]/.test(value));
  if (values.length < 2 || path !== undefined) {
    return shown(values);
  }
  const lead = values.reduce((before, value) => common(before, value));
  const trail = reversed(values.map(reversed).reduce((before, value) => common(before, value)));
  const beginning = /^.*[:._-]/s.exec(lead)?.[0] ?? '';
  const end = /[:._-].*$/s.exec(trail)?.[0] ?? '';
  return beginning === '' && end === '' ? undefined : `${beginning}*${end}`;
}

function common(one: string, other: string): string {
  let length = 0;
  while (length < one.length && one[length] === other[length]) {
    length += 1;
  }
  return one.slice(0, length);
}

function reversed(value: string): string {
  return Array.from(value).reverse().join('');
}

function whole(expression: RegExp, value: string): boolean {
  return expression.exec(value)?.[0] === value;
}

function shown(seen: readonly string[]): string {
  const values = [...new Set(seen)];
  return values.slice(0, 3).join(', ') + (values.length > 3 ? ', …' : '');
}
