/** Markup: what is filled in is text, whatever it looks like. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { html } from '../../../src/page/markup.ts';

test.each([
  ['text', html`<p>${'a'}</p>`, '<p>a</p>'],
  ['numbers', html`<p>${0} ${1.5}</p>`, '<p>0 1.5</p>'],
  ['nothing', html`<p>${null}${false}</p>`, '<p></p>'],
  [
    'lists',
    html`<ul>${['a', 'b'].map((each) => html`<li>${each}</li>`)}</ul>`,
    '<ul><li>a</li><li>b</li></ul>',
  ],
  ['markup within markup', html`<p>${html`<b>${'<'}</b>`}</p>`, '<p><b>&lt;</b></p>'],
  ['an attribute', html`<p title="${`"'><&`}"></p>`, '<p title="&quot;&#39;&gt;&lt;&amp;"></p>'],
])('%s', (_, { text }, expected) => {
  expect(text).toBe(expected);
});

test('any text has no sign of markup left', () => {
  fc.assert(
    fc.property(fc.string(), (filling) => {
      const { text } = html`${filling}`;
      expect(text).not.toMatch(/[<>"']/);
      expect(text.replaceAll(/&(?:amp|lt|gt|quot|#39);/g, '')).not.toContain('&');
    }),
  );
});
