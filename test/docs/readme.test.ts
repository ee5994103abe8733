import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');
const REPOSITORY = 'https://github.com/cdk-sagemaker-edge/cdk-sagemaker-edge/blob/main/';
const README = readFileSync(path.join(ROOT, 'README.md'), 'utf8');

/** As GitHub makes the anchor of a heading. */
function anchors(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) => title.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-'));
}

const links = [...README.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);

test('each link of the README works on a registry, too', () => {
  expect(links.filter((link) => !/^(https:\/\/|#)/.test(link))).toEqual([]);
});

test.each([...new Set(links.filter((link) => link.startsWith(REPOSITORY) || link.startsWith('#')))])('%s is there', (link) => {
  const [file = '', anchor] = link.replace(REPOSITORY, '').split('#');
  const target = path.join(ROOT, file === '' ? 'README.md' : file);
  expect(existsSync(target)).toBe(true);
  if (anchor !== undefined) {
    expect(anchors(readFileSync(target, 'utf8'))).toContain(anchor);
  }
});
