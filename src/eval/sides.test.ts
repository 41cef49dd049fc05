import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exchangeSides } from './sides.ts';

const mirror = { kind: 'mirror' } as const;
const rotate = { kind: 'rotate' } as const;

describe('exchangeSides', () => {
	it.each([
		['What color is at the left of the image?', 'What color is at the right of the image?'],
		['Is the red circle right of the blue square?', 'Is the red circle left of the blue square?'],
		['(A) Left (B) RIGHT (C) above', '(A) Right (B) LEFT (C) above'],
		['the leftmost, on the right-hand side, leftwards', 'the rightmost, on the left-hand side, rightwards'],
		['bright, cleft, rights, leftover', 'bright, cleft, rights, leftover'],
	])('mirrors %s', (text, expected) => expect(exchangeSides(text, mirror)).toBe(expected));

	it('turns top and bottom as well', () => {
		expect(exchangeSides('Top left, below; the lower one; topmost; over', rotate)).toBe(
			'Bottom right, above; the upper one; bottommost; over',
		);
	});

	it('leaves texts alone under every other control', () => {
		expect(exchangeSides('left', undefined)).toBe('left');
		expect(exchangeSides('left', { kind: 'blur', sigma: 1 })).toBe('left');
	});

	it('gives any text back when applied twice', () => {
		const word = fc.constantFrom('left', 'Right', 'TOP', 'below', 'upper', 'most', 'hand', ' ', '-', '.', 'x');
		const text = fc.array(word).map((words) => words.join(''));
		fc.assert(
			fc.property(fc.oneof(fc.string(), text), (original) => {
				for (const control of [mirror, rotate])
					expect(exchangeSides(exchangeSides(original, control), control)).toBe(original);
			}),
		);
	});
});
