import { changelogOf, problemsOf, sectionOf } from '../../../scripts/release/changelog';

const CHANGELOG = '# Changelog\n\n## Unreleased\n\n### Added\n\n- A thing.\n\n## 0.1.0 - 2026-01-01\n\n- The first.\n';

test('what was not released yet becomes the section of the version, below an empty one', () => {
  const changelog = changelogOf(CHANGELOG, '0.2.0', '2026-02-03');

  expect(changelog).toContain('## Unreleased\n\n## 0.2.0 - 2026-02-03\n\n### Added\n');
  expect(sectionOf(changelog, 'Unreleased')).toBe('');
  expect(sectionOf(changelog, '0.2.0')).toBe('### Added\n\n- A thing.');
  expect(sectionOf(changelog, '0.1.0')).toBe('- The first.');
});

test.each([
  ['the version is none', CHANGELOG, '1.0', "version must be a semantic version such as 0.2.0, got '1.0'"],
  ['the version was released', CHANGELOG, '0.1.0', 'CHANGELOG.md has a section for 0.1.0 already'],
  ['nothing changed', '# Changelog\n\n## Unreleased\n\n## 0.1.0 - 2026-01-01\n', '0.2.0', "CHANGELOG.md has nothing under '## Unreleased'"],
  ['nothing is unreleased', '# Changelog\n', '0.2.0', "CHANGELOG.md has nothing under '## Unreleased'"],
])('fails when %s', (_, changelog, version, problem) => {
  expect(() => changelogOf(changelog, version, '2026-02-03')).toThrow(problem);
});

test('a tag whose version has its section can be released', () => {
  expect(problemsOf({ tag: 'v0.2.0', version: '0.2.0', changelog: changelogOf(CHANGELOG, '0.2.0', '2026-02-03') })).toEqual([]);
});

test('a tag of another version cannot be released', () => {
  const changelog = changelogOf(CHANGELOG, '0.2.0', '2026-02-03');
  expect(problemsOf({ tag: 'v0.3.0', version: '0.2.0', changelog })).toEqual([
    "the tag must be v0.2.0, the version of package.json, got 'v0.3.0'",
  ]);
});

test('a version whose changes are still unreleased cannot be released', () => {
  expect(problemsOf({ tag: 'v0.2.0', version: '0.2.0', changelog: CHANGELOG })).toEqual([
    expect.stringContaining('no section for 0.2.0'),
    expect.stringContaining("changes under '## Unreleased'"),
  ]);
});
