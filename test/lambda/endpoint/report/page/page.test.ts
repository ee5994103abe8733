import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Script } from 'node:vm';
import { reportHtml } from '../../../../../lambda/endpoint/report/page/page';
import { reportOf } from '../../../../../lambda/endpoint/report/report';
import type { StepErrors } from '../../../../../lambda/endpoint/report/run';
import { edgeRun, edgeStep, run, step } from '../runs';

const NOW = new Date('2026-11-27T12:00:00Z');
const ATTACK = '</script><script>alert(1)</script><img src=x onerror="alert(2)">\'"`&';

function pageOf(name: string, errors: readonly StepErrors[] = []): string {
  const steps = [
    step(1, 10, { client: { tps: 100 } }), step(2, 20, { client: { tps: 101, p50Ms: 200 } }),
    step(3, 40, { step: { notes: [name] }, client: { tps: 102, requests: 1000, failures: 300, errors } }),
  ];
  const edge = edgeRun([edgeStep(1, 1), edgeStep(2, 2)], { deviceName: name, modelName: name });
  return reportHtml(reportOf({ cloud: run(steps, { endpointName: name, contentType: name, reason: name }), edge, now: NOW }));
}

const QUIET = pageOf('recogniser');

/** The contents of the elements of this name. */
function contents(page: string, name: string): string[] {
  return [...page.matchAll(new RegExp(`<${name}[ >][^<]*?>?([\\s\\S]*?)</${name}>`, 'g'))].map(([element]) => (
    element.slice(element.indexOf('>') + 1, element.lastIndexOf('<'))
  ));
}

function countOf(page: string, pattern: RegExp): number {
  return page.match(pattern)?.length ?? 0;
}

describe('what came from outside', () => {
  const attacked = pageOf(ATTACK, [{ kind: 'model', code: ATTACK, status: 500, count: 300, message: ATTACK }]);

  test.each([
    ['script', 0], ['img', 0], ['style', 0], ['section', 0], ['table', 0], ['td', 0], ['li', 1 /* the error's own line */],
  ])('adds no element %s but %i', (name, more) => {
    const opening = new RegExp(`<${name}[\\s>]`, 'g');
    expect(countOf(attacked, opening)).toBe(countOf(QUIET, opening) + more);
  });

  test('is shown, escaped', () => {
    expect(attacked).toContain('300 × &lt;/script&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&quot;alert(2)&quot;&gt;&#39;&quot;`&amp;');
  });

  test('leaves the figures readable as JSON', () => {
    const [figures = ''] = contents(attacked, 'script');
    expect(JSON.parse(figures)).toHaveLength(12);
  });
});

describe('the content security policy', () => {
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(QUIET)?.[1]?.replaceAll('&#39;', '\'') ?? '';
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

  test('allows nothing by default', () => {
    expect(policy).toMatch(/^default-src 'none'; /);
    expect(policy).not.toMatch(/unsafe|\*|https?:|data:/);
  });

  test('allows the two scripts and the style that stand in the page, by their hashes', () => {
    const [, ...scripts] = contents(QUIET, 'script');
    expect(scripts).toHaveLength(2);
    expect(policy).toContain(`script-src ${scripts.map(hash).join(' ')};`);
    expect(policy).toContain(`style-src ${contents(QUIET, 'style').map(hash).join(' ')};`);
  });

  test('is not undone by an attribute with a script or a style, which it would refuse', () => {
    const body = QUIET.slice(QUIET.indexOf('<body>'), QUIET.indexOf('<script'));
    expect(body).not.toMatch(/\s(on\w+|style)=/);
  });
});

test('the page loads nothing: it has no address in a source, a link or its style', () => {
  const withoutScripts = QUIET.replaceAll(/<script[\s\S]*?<\/script>/g, '');
  expect(withoutScripts).not.toMatch(/\s(src|href|srcset|action)=|url\(|@import/);
});

test.each(contents(QUIET, 'script').slice(1).map((script, index) => [['uPlot', 'the page\'s own'][index], script]))(
  'the script %s is one that a browser compiles', (_, script) => {
    expect(() => new Script(script)).not.toThrow();
  },
);

test('the script has an element for each plot, and each element has its plot', () => {
  const [figures = '[]'] = contents(QUIET, 'script');
  const plots: unknown = JSON.parse(figures);
  const ids = Array.isArray(plots) ? plots.map((plot: { id: string }) => plot.id) : [];
  expect([...QUIET.matchAll(/<div id="([^"]+)" role="img"/g)].map(([, id]) => id)).toEqual(ids);
});

test('without JavaScript the tables have the figures', () => {
  expect(QUIET).toContain('<th scope="row">1</th><td>10</td><td>1</td><td>100</td><td>100</td><td>110</td><td>120</td>');
  expect(QUIET).toContain('<noscript>');
});

test.each([
  ['a language', '<html lang="en">'], ['a title', '<title>Load test: recogniser and recogniser</title>'], ['a viewport', 'name="viewport"'],
  ['a main part', '<main>'], ['heads of columns', '<th scope="col">TPS</th>'], ['heads of rows', '<th scope="row">highest TPS of one instance</th>'],
  ['captions of tables', '<caption>Edge beside cloud</caption>'], ['plots in words', 'aria-label="Successful requests in TPS over users: TPS 100 at 10'],
  ['tables that a keyboard scrolls', 'role="region" tabindex="0"'],
])('has %s for those who hear it or use a keyboard', (_, part) => {
  expect(QUIET).toContain(part);
});

test('the style has a light and a dark scheme, with the same colours defined', () => {
  const css = readFileSync('lambda/endpoint/report/page/page.css', 'utf8');
  const schemes = [...css.matchAll(/:root \{([\s\S]*?)\}/g)].map(([, body = '']) => new Set(body.match(/--[\w-]+(?=:)/g)));
  expect(schemes).toHaveLength(2);
  expect(schemes[0]).toEqual(schemes[1]);
});

test('one side alone has no comparison', () => {
  expect(reportHtml(reportOf({ edge: edgeRun([edgeStep(1, 1)]), now: NOW }))).not.toContain('Edge beside cloud');
});

test('the page is small enough to send: under 100 kB', () => {
  expect(Buffer.byteLength(QUIET)).toBeLessThan(100_000);
});
