import { describe, expect, it } from 'vitest';
import { editDistance, suggestion } from './suggest.ts';

describe('editDistance', () => {
	it.each([
		['', '', 0],
		['', 'abc', 3],
		['kitten', 'sitting', 3],
		['modle', 'model', 1],
		['ca', 'abc', 3],
	])('%j to %j is %i', (a, b, distance) => {
		expect(editDistance(a, b)).toBe(distance);
		expect(editDistance(b, a)).toBe(distance);
	});
});

describe('suggestion', () => {
	it('names the nearest known word, and none where none is near', () => {
		expect(suggestion('stdy', ['ask', 'study'])).toBe('; did you mean study?');
		expect(suggestion('rep', ['ask', 'report'])).toBe('; did you mean report?');
		expect(suggestion('launch', ['ask', 'study'])).toBe('');
	});
});
