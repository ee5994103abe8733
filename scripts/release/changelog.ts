const UNRELEASED = '## Unreleased';
const VERSION = /^\d+\.\d+\.\d+(?:-[0-9A-Za-z.-]+)?$/;

/** The changelog in which what was not released yet becomes the section of a version. `date` is YYYY-MM-DD. */
export function changelogOf(changelog: string, version: string, date: string): string {
  if (!VERSION.test(version)) {
    throw new Error(`version must be a semantic version such as 0.2.0, got '${version}'`);
  }
  if (sectionOf(changelog, version) !== undefined) {
    throw new Error(`CHANGELOG.md has a section for ${version} already`);
  }
  const changes = sectionOf(changelog, 'Unreleased');
  if (changes === undefined || changes === '') {
    throw new Error(`CHANGELOG.md has nothing under '${UNRELEASED}': write what changed for users`);
  }
  return changelog.replace(`${UNRELEASED}\n`, `${UNRELEASED}\n\n## ${version} - ${date}\n`);
}

/** The text below the heading of a version, or of 'Unreleased'. */
export function sectionOf(changelog: string, name: string): string | undefined {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => text.split(/\s/, 1)[0] === name);
  return section?.slice(section.indexOf('\n')).trim();
}

/** What keeps a version from being released; nothing where all is well. */
export function problemsOf(release: { readonly tag: string; readonly version: string; readonly changelog: string }): string[] {
  const { tag, version, changelog } = release;
  const problems: string[] = [];
  if (tag !== `v${version}`) {
    problems.push(`the tag must be v${version}, the version of package.json, got '${tag}'`);
  }
  if ((sectionOf(changelog, version) ?? '') === '') {
    problems.push(`CHANGELOG.md has no section for ${version}: run npx tsx scripts/release.ts prepare ${version}`);
  }
  if ((sectionOf(changelog, 'Unreleased') ?? '') !== '') {
    problems.push(`CHANGELOG.md has changes under '${UNRELEASED}' that belong to ${version} or to no release`);
  }
  return problems;
}
