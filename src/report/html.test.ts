import fc from 'fast-check';
import { parseHTML } from 'linkedom';
import { describe, expect, it } from 'vitest';
import { clipped, escapeText, foreign, type Html, html, markupOf, trusted } from './html.ts';

const show = (value: Html) => markupOf(value);

/** XML 1.0's characters, less the controls of the C1 set and the direction overrides and isolates. */
function allowed(code: number): boolean {
	const between = (first: number, last: number) => code >= first && code <= last;
	if (between(0x7f, 0x9f) || between(0x202a, 0x202e) || between(0x2066, 0x2069)) return false;
	return code === 9 || code === 10 || between(0x20, 0xd7ff) || between(0xe000, 0xfffd) || between(0x10000, 0x10ffff);
}

describe('html', () => {
	it('escapes text in content and attributes', () => {
		const evil = `<script>alert("1")</script>' onload='x`;
		expect(show(html`<p title="${evil}">${evil}</p>`)).toBe(
			'<p title="&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39; onload=&#39;x">&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39; onload=&#39;x</p>',
		);
	});

	it('joins lists, keeps markup, leaves out null, undefined and false, keeps zero', () => {
		expect(show(html`<ul>${['a', 'b'].map((x) => html`<li>${x}</li>`)}</ul>${null}${undefined}${false}${0}`)).toBe(
			'<ul><li>a</li><li>b</li></ul>0',
		);
	});

	it('takes nothing that came through JSON for markup', () => {
		const fake = JSON.parse('{"markup":"<b>","html":"<b>","length":0}');
		expect(() => html`${fake}`).toThrow();
		expect(show(html`${trusted('<b>')}`)).toBe('<b>');
	});

	it('gives back any text unchanged once parsed, but for what no document may hold', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), (text) => {
				const { document } = parseHTML(show(html`<html><body><p title="${text}">${text}</p></body></html>`));
				const p = document.querySelector('p')!;
				const kept = [...text].map((c) => (allowed(c.codePointAt(0)!) ? c : '\ufffd')).join('');
				expect(p.textContent).toBe(kept);
				expect(p.getAttribute('title')).toBe(kept);
				expect(document.querySelectorAll('body *')).toHaveLength(1);
			}),
		);
	});

	it('shows controls, direction overrides and lone surrogates as replaced', () => {
		expect(escapeText('a\u0000b\u202ec\ud800d\u2067')).toBe('a\ufffdb\ufffdc\ufffdd\ufffd');
		expect(escapeText('tab\tline\n שלום 😀')).toBe('tab\tline\n שלום 😀');
	});

	it('cuts long text visibly and isolates its direction', () => {
		expect(show(clipped('abc', 3))).toBe('abc');
		expect(show(foreign('x'.repeat(10_000), 100))).toBe(
			`<bdi>${'x'.repeat(100)}<span class="cut"> … 9900 more characters</span></bdi>`,
		);
	});
});
