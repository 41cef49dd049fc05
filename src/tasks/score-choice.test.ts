import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyOption, phraseFinder, wholeOption, wholePhrase } from './score-choice.ts';

const OPTIONS = ['left', 'right', 'a small dog'];

describe('a whole answer', () => {
	it.each([
		['A', 'A'],
		['b.', 'B'],
		['(C)', 'C'],
		['(a) left', 'A'],
		['B. right', 'B'],
		['Left', 'A'],
		['  a small dog. ', 'C'],
		['**B**', null],
		['D', null],
		['A right', null],
		['the left', null],
		['', null],
	])('%j names %s', (text, letter) => {
		expect(wholeOption(text, OPTIONS).value).toBe(letter);
	});

	it('may be a phrase', () => {
		expect(wholePhrase('On the Left.', [['on the left', 'left']])).toEqual({ value: 'left', status: 'ok' });
		expect(wholePhrase('on the left side', [['on the left', 'left']])).toEqual({ value: null, status: 'none' });
	});
});

describe('anywhere in an answer', () => {
	it.each([
		['The answer is: (A)', 'A', 'ok'],
		['The answer is B because A is not', 'B', 'ok'],
		['I think the correct answer is the left one', 'A', 'ok'],
		['B) right', 'B', 'ok'],
		['C it is', 'C', 'ok'],
		['It is on the left of the table', 'A', 'ok'],
		['A dog, right there', 'B', 'ok'],
		['either left or right', null, 'ambiguous'],
		['(A) or (B)', null, 'ambiguous'],
		['Option B, surely', 'B', 'ok'],
		['upright', null, 'none'],
		['', null, 'none'],
	])('%j is %s', (text, value, status) => {
		expect(anyOption(text, OPTIONS)).toEqual({ value, status });
	});

	it('longer phrases go first and words are whole', () => {
		const find = phraseFinder([
			['on', 'on'],
			['on the left', 'left'],
		]);
		expect(find('It is ON the left.').value).toBe('left');
		expect(find('an onion').status).toBe('none');
		expect(find('on it, on the left').status).toBe('ambiguous');
		expect(find('not on the left but on it').value).toBe('on');
		expect(phraseFinder([])('anything').status).toBe('none');
	});

	it('no text and no options throw', () => {
		const text = fc.oneof(fc.string(), fc.stringMatching(/^(answer( is)?:?|[A-D(). ])*$/));
		fc.assert(
			fc.property(text, fc.array(fc.string(), { maxLength: 5 }), (answer, options) => {
				const { value, status } = anyOption(answer, options);
				expect(value === null).toBe(status !== 'ok');
				wholeOption(answer, options);
			}),
		);
	});
});
