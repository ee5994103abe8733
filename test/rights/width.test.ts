import { needlessWidth, type Listed, type Right } from './width';

const right = (pattern: string, ...seen: string[]): Right => ({ action: 'a:Do', deployments: [{ pattern, seen }] });
const problems = (rights: Right | readonly Right[], ...listed: Listed[]): string[] => needlessWidth([rights].flat(), listed);

describe('a right without wildcards', () => {
  test('is needed as it stands when it was used', () => {
    expect(problems(right('arn:thing/one', 'arn:thing/one'))).toEqual([]);
  });

  test('is needless when it was not', () => {
    expect(problems(right('arn:thing/one', 'arn:thing/two'))).toEqual(['a:Do on arn:thing/one: never used there, but on arn:thing/two']);
    expect(problems(right('arn:thing/one'))).toEqual(['a:Do on arn:thing/one: never used']);
  });

  test('takes no character for more than it is', () => {
    expect(problems(right('arn:a.b', 'arn:axb'))).toHaveLength(1);
  });
});

describe('a wildcard', () => {
  test('is needed when it stood for two values', () => {
    expect(problems(right('arn:thing/fleet-*', 'arn:thing/fleet-one', 'arn:thing/fleet-two'))).toEqual([]);
  });

  test('is too wide when it stood for one', () => {
    expect(problems(right('arn:thing/fleet-*', 'arn:thing/fleet-one', 'arn:thing/fleet-one'))).toEqual([
      'a:Do on arn:thing/fleet-*: a wildcard stood for one alone',
    ]);
  });

  test('is too wide without the prefix that all values have', () => {
    expect(problems(right('arn:thing/*', 'arn:thing/fleet-one', 'arn:thing/fleet-two'))).toEqual([
      'a:Do on arn:thing/*: a wildcard stood for fleet-* alone',
    ]);
  });

  test('is too wide without the end that all values have', () => {
    expect(problems(right('arn:bucket/m_*', 'arn:bucket/m_one.json', 'arn:bucket/m_two.json'))).toEqual([
      'a:Do on arn:bucket/m_*: a wildcard stood for *.json alone',
    ]);
  });

  test.each(['/', ':'])('is too wide when it stood for several parts of a name, with %s between', (separator) => {
    expect(problems(right('arn:x:*', `arn:x:a${separator}b`, `arn:x:c${separator}d`))).toHaveLength(1);
  });

  test('is needed in two places when it stood for two values in each', () => {
    expect(problems(right('arn:*/x/*', 'arn:a/x/b', 'arn:c/x/d'))).toEqual([]);
    expect(problems(right('arn:*/x/*', 'arn:a/x/b', 'arn:a/x/d'))).toEqual(['a:Do on arn:*/x/*: a wildcard stood for a alone']);
  });

  test('is needless when nothing that was seen falls under it', () => {
    expect(problems(right('arn:thing/*', 'arn:group/one'))).toEqual(['a:Do on arn:thing/*: never used there, but on arn:group/one']);
  });
});

describe('the resource *', () => {
  test('is right for an action that knows no resources', () => {
    expect(problems(right('*', '*'))).toEqual([]);
  });

  test('is too wide for one that does', () => {
    expect(problems(right('*', 'arn:thing/one', 'arn:group/two'))).toEqual([
      'a:Do on *: a wildcard stood for arn:thing/one, arn:group/two alone',
    ]);
  });
});

describe('deployments of one right', () => {
  test('one that shows the need is enough', () => {
    expect(problems({
      action: 'a:Do',
      deployments: [{ pattern: 'arn:1-*', seen: [] }, { pattern: 'arn:2-*', seen: ['arn:2-a', 'arn:2-b'] }],
    })).toEqual([]);
  });

  test('what two saw is not put together', () => {
    expect(problems({
      action: 'a:Do',
      deployments: [{ pattern: 'arn:*', seen: ['arn:a'] }, { pattern: 'arn:*', seen: ['arn:b'] }],
    })).toHaveLength(1);
  });
});

describe('the list', () => {
  const entry: Listed = { actions: ['a:Do'], pattern: /arn:job\/\*/, stands: /\d+/, reason: 'ids' };

  test('excuses a wildcard that stood for what it says', () => {
    expect(problems(right('arn:job/*', 'arn:job/12'), entry)).toEqual([]);
  });

  test('excuses none that stood for something else, in any deployment', () => {
    const deployments = [{ pattern: 'arn:job/*', seen: ['arn:job/12'] }, { pattern: 'arn:job/*', seen: ['arn:job/x12'] }];
    expect(problems({ action: 'a:Do', deployments }, entry)).toHaveLength(2);
  });

  test.each([
    ['another action', { actions: ['a:Other'] }],
    ['another pattern', { pattern: /arn:job\/x\*/ }],
    ['a part of the pattern', { pattern: /job\/\*/ }],
  ])('excuses nothing by %s', (_, other) => {
    expect(problems(right('arn:job/*', 'arn:job/12'), { ...entry, ...other })).toEqual([
      'a:Do on arn:job/*: a wildcard stood for 12 alone',
      expect.stringContaining('listed for nothing'),
    ]);
  });

  test('excuses a right that no run uses only if it says so', () => {
    const { stands, ...unused } = entry;
    expect(stands).toBeDefined();
    expect(problems(right('arn:job/*'), unused)).toEqual([]);
    expect(problems(right('arn:job/*'), entry)).toHaveLength(2);
    expect(problems(right('arn:job/*', 'arn:job/12'), unused)).toHaveLength(2);
  });

  test('holds nothing that no policy has any more', () => {
    expect(problems([], entry)).toEqual(['listed for nothing: a:Do on /arn:job\\/\\*/']);
  });

  test('holds nothing that was shown to be needed without it', () => {
    expect(problems(right('arn:job/*', 'arn:job/12', 'arn:job/34'), entry)).toEqual([expect.stringContaining('listed for nothing')]);
  });
});
