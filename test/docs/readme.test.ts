import { existsSync, readFileSync } from 'node:fs';
import * as path from 'node:path';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { buildSampleApp } from '../../bin/sample-app';

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

test('the printed deployment has as many resources as the sample, and its stack', () => {
  const sample = Template.fromStack(buildSampleApp(new App({ context: { delivery: 'edge-manager' } })));
  const totals = [...README.matchAll(/^ +\d+\/(\d+) {2}\S+ {2}\(/gm)].map(([, total = '']) => Number(total));
  expect([...new Set(totals)]).toEqual([Object.keys(sample.toJSON().Resources as object).length + 1]);
});
