import { describe, expect, it } from 'vitest';
import { wrapped } from './svg.ts';

describe('wrapped', () => {
	it('breaks between words and cuts a word that is too long', () => {
		expect(wrapped('What shape is at the left?', 10)).toEqual(['What shape', 'is at the', 'left?']);
		expect(wrapped('extraordinarily short', 8)).toEqual(['extraor…', 'short']);
	});

	it('keeps together what a no-break space joins', () => {
		expect(wrapped('yes, H\u00a00.94', 6)).toEqual(['yes,', 'H\u00a00.94']);
	});
});
