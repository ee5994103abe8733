import { createHash } from 'node:crypto';
import { PAGE_POLICY, pageHtml } from '../../../local/page/page';
import { CONTENT, NOW, WORDS } from './content';

const page = pageHtml(CONTENT);

/** What the browser's script gets. */
function graphs(): unknown {
  return JSON.parse(/<script type="application\/json" id="graphs">(?<text>.*?)<\/script>/s.exec(page)?.groups?.text ?? 'null');
}

it('a widget of numbers shows the latest value', () => {
  expect(page).toContain('<b>7</b>reports');
});

it('a graph has a value or none of each line for each time, times the factor, for the last hour', () => {
  const seconds = NOW / 1000;
  expect(graphs()).toEqual([{
    id: 'graph-0', from: seconds - 3600, to: seconds, times: [seconds - 600, seconds - 300, seconds],
    lines: [{ label: 'one', values: [50, null, 25] }, { label: WORDS, values: [null, 3, null] }],
  }]);
  expect(page).toContain('<div id="graph-0" role="img" aria-label="one: 25, ');
});

it('a custom widget is the HTML of its function', () => {
  expect(page).toContain('<table><tr><td>camera-7</td></tr></table>');
});

it('devices, models and captures are there, the captures with their pictures', () => {
  expect(page).toMatch(/<td>camera-1<\/td><td>camera<\/td><td>1<\/td>/);
  expect(page).toMatch(/<td>reader<\/td><td>1\.0<\/td><td>12<\/td>/);
  expect(page).toMatch(/<img alt="input 1 of a prediction of reader 1\.0" src="data:image\/png;base64,iVBORw0KGgo/);
});

it('what comes from outside is text, in the page and in the figures', () => {
  expect(page).not.toContain(WORDS);
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
});

it('the policy lets in the page\'s own scripts and styles, and nothing else', () => {
  const hash = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const contents = (tag: string): string[] => [...page.matchAll(new RegExp(`<${tag}>(?<text>.*?)</${tag}>`, 'gs'))].map(({ groups }) => groups?.text ?? '');
  expect(contents('script')).toHaveLength(2);
  expect(contents('style')).toHaveLength(2);
  expect(PAGE_POLICY.split('; ')).toEqual([
    'default-src \'none\'', `style-src ${contents('style').map(hash).join(' ')}`, `script-src ${contents('script').map(hash).join(' ')}`, 'img-src data:',
    'base-uri \'none\'', 'form-action \'none\'', 'frame-ancestors \'none\'',
  ]);
});

it('a page without anything says so', () => {
  const empty = pageHtml({ at: new Date(NOW), dashboards: [], devices: [], models: [], captures: [] });
  expect(empty).toContain('No stack has a dashboard.');
  expect(empty.match(/<p>None\.<\/p>/g)).toHaveLength(3);
});
