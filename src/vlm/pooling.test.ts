import fc from 'fast-check';
import { expect, test } from 'vitest';
import { poolMatrix, poolWindows, squareSide } from './pooling.ts';

test('windows are those of torch.nn.AdaptiveAvgPool2d for 24 → 16 and 8 → 3', () => {
	// floor(i·n/s) and ceil((i+1)·n/s), computed by hand.
	expect(poolWindows(24, 16).slice(0, 4)).toEqual([
		[0, 2],
		[1, 3],
		[3, 5],
		[4, 6],
	]);
	expect(poolWindows(8, 3)).toEqual([
		[0, 3],
		[2, 6],
		[5, 8],
	]);
});

test('windows cover the side in order, and every row of the matrix is an average', () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 24 }), fc.integer({ min: 1, max: 24 }), (n, s) => {
			const windows = poolWindows(n, s);
			expect(windows[0]![0]).toBe(0);
			expect(windows.at(-1)![1]).toBe(n);
			windows.forEach(([start, end], i) => {
				expect(end).toBeGreaterThan(start);
				if (i > 0) expect(start).toBeLessThanOrEqual(windows[i - 1]![1]);
			});
			const { data } = poolMatrix(n, s);
			for (let row = 0; row < s * s; row++) {
				const sum = data.subarray(row * n * n, (row + 1) * n * n).reduce((a, b) => a + b, 0);
				expect(Math.abs(sum - 1)).toBeLessThan(1e-5);
			}
		}),
		{ numRuns: 60 },
	);
});

test('pooling to the grid itself is the identity, bit for bit', () => {
	const { data } = poolMatrix(5, 5);
	data.forEach((share, i) => {
		expect(share).toBe(i % 26 === 0 ? 1 : 0);
	});
});

test('a token count that is no square is named', () => {
	expect(squareSide(576)).toBe(24);
	expect(() => squareSide(577)).toThrow('expected a square grid of vision tokens, got 577');
});
