/** Whether a version is in an npm range of the kinds that recipes use: comparators joined by blanks and `||`, `^`, `~`, `x`. */
export function satisfies(version: string, range: string): boolean {
  return range.split('||').some((part) => comparators(part).every((comparator) => fulfils(version, comparator)));
}

interface Comparator {
  readonly operator: string;
  readonly parts: readonly (number | undefined)[];
  readonly rest: string;
}

function comparators(text: string): Comparator[] {
  const hyphen = /^\s*(\S+)\s+-\s+(\S+)\s*$/.exec(text);
  const plain = hyphen ? `>=${hyphen[1] ?? ''} <=${hyphen[2] ?? ''}` : text;
  return [...plain.matchAll(/(>=|<=|>|<|=|\^|~)?\s*v?([\dxX*]+)(?:\.([\dxX*]+))?(?:\.([\dxX*]+))?([-+][0-9A-Za-z.+-]+)?/g)].map(([, operator = '=', major, minor, patch, rest = '']) => ({
    operator, parts: [major, minor, patch].map((part) => part === undefined || /[xX*]/.test(part) ? undefined : Number(part)), rest,
  }));
}

function fulfils(version: string, { operator, parts, rest }: Comparator): boolean {
  const [core, suffix] = split(version);
  const got = core.split('.').map(Number);
  if (operator === '=' && !parts.includes(undefined)) { return `${parts.join('.')}${rest}` === `${core}${suffix}`; }
  const low = parts.map((part) => part ?? 0);
  const order = compare(got, low);
  switch (operator) {
    case '>': return order > 0;
    case '>=': return order >= 0;
    case '<': return order < 0;
    case '<=': return order <= 0;
    case '^': return order >= 0 && compare(got, above(low, low[0] === 0 ? 1 : 0)) < 0;
    case '~': return order >= 0 && compare(got, above(low, 1)) < 0;
    default: return parts.every((part, index) => part === undefined || part === got[index]);
  }
}

function split(version: string): [string, string] {
  const at = version.search(/[-+]/);
  return at < 0 ? [version, ''] : [version.slice(0, at), version.slice(at)];
}

/** The first version above all that share the parts up to `index`. */
function above(parts: readonly number[], index: number): number[] {
  return parts.map((part, at) => at < index ? part : at === index ? part + 1 : 0);
}

export function compare(a: readonly number[], b: readonly number[]): number {
  for (let index = 0; index < 3; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) { return difference; }
  }
  return 0;
}
