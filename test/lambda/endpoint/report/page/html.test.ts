import { Html, html, jsonForScript } from '../../../../../lambda/endpoint/report/page/html';

test('a text is escaped, for content and for an attribute in either quotes', () => {
  expect(html`<p title="${'"'}">${'<b> & \''}</p>`.text).toBe('<p title="&quot;">&lt;b&gt; &amp; &#39;</p>');
});

test('HTML stays, a list of it is joined, and a number is shown', () => {
  expect(html`${new Html('<b>')}${[html`<i>`, html`${'<'}`]}${1.5}`.text).toBe('<b><i>&lt;1.5');
});

test('JSON for a script neither ends it nor begins a comment, and says the same', () => {
  const value = { text: '</script><!--\u2028' };
  const { text } = jsonForScript(value);
  expect(text).not.toMatch(/[<\u2028]/);
  expect(JSON.parse(text)).toEqual(value);
});
