import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withoutEnd } from './ends.ts';

it('takes from the end what a regular expression would', () => {
	fc.assert(
		fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '\n', '\ufffd') }), (text) => {
			expect(withoutEnd(text, /[\s\ufffd]/)).toBe(text.replace(/[\s\ufffd]+$/, ''));
		}),
	);
});

it('takes one look at each character of a long run that is not at the end', () => {
	const start = performance.now();
	expect(withoutEnd(`${'/'.repeat(2_000_000)}a`, /\//)).toHaveLength(2_000_001);
	expect(performance.now() - start).toBeLessThan(5000);
});
