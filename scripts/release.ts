// Makes a release and checks one. What .github/workflows/release.yml does beside is to build and to publish.
//
//   tsx scripts/release.ts prepare 0.2.0   sets the version, and gives the changelog its section: commit and tag that
//   tsx scripts/release.ts check v0.2.0    version, tag and changelog agree, and the API broke only where .compatignore says so
//   tsx scripts/release.ts check           the API alone. Both want `npm run build` before
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { breaksApi, lastRelease } from './release/api-changes';
import { changelogOf, problemsOf } from './release/changelog';

const CHANGELOG = 'CHANGELOG.md';

function prepare(version: string): void {
  const changelog = changelogOf(readFileSync(CHANGELOG, 'utf8'), version, new Date().toISOString().slice(0, 10));
  execFileSync('npm', ['version', version, '--no-git-tag-version', '--allow-same-version'], { stdio: 'inherit' });
  writeFileSync(CHANGELOG, changelog);
  console.log(`commit package.json, package-lock.json and ${CHANGELOG}, and tag the commit v${version}`);
}

function check(tag: string | undefined): void {
  const { name, version } = JSON.parse(readFileSync('package.json', 'utf8')) as { name: string; version: string };
  const problems = tag === undefined ? [] : problemsOf({ tag, version, changelog: readFileSync(CHANGELOG, 'utf8') });
  const last = lastRelease(name);
  if (last === undefined) {
    console.log(`${name} was never released: there is no API to keep`);
  } else if (breaksApi(`npm:${name}@${last}`)) {
    problems.push(`the API broke since ${last}: mend it, or put the keys above into .compatignore and say so in ${CHANGELOG}`);
  }
  for (const problem of problems) {
    console.error(problem);
  }
  process.exitCode = problems.length > 0 ? 1 : 0;
}

const [command, argument] = process.argv.slice(2);
if (command === 'prepare' && argument !== undefined) {
  prepare(argument);
} else if (command === 'check') {
  check(argument);
} else {
  console.error('usage: tsx scripts/release.ts prepare <version> | check [<tag>]');
  process.exitCode = 2;
}
