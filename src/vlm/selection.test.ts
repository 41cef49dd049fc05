import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { rng } from '../base/random.ts';
import { float32 } from '../base/tensor.ts';
import { farthestTokens, gatherTokens, randomTokens, stridedTokens, topTokens } from './selection.ts';

const grid = (side: number, places: readonly (readonly [number, number])[]) => places.map(([y, x]) => y * side + x);

describe('every way to select', () => {
	const features = (tokens: number, seed: number) => {
		const random = rng(seed, 'features');
		return float32(
			[tokens, 3],
			Array.from({ length: tokens * 3 }, () => random.normal()),
		);
	};
	const ways: Record<string, (tokens: number, count: number, seed: number) => number[]> = {
		random: randomTokens,
		strided: stridedTokens,
		attention: (tokens, count, seed) => topTokens(features(tokens, seed).data.subarray(0, tokens), count),
		'farthest by cosine': (tokens, count, seed) => farthestTokens(features(tokens, seed), count, 'cosine'),
		'farthest by distance': (tokens, count, seed) => farthestTokens(features(tokens, seed), count, 'l2'),
		'farthest among equals': (tokens, count) =>
			farthestTokens(float32([tokens, 2], new Float32Array(tokens * 2)), count, 'l2'),
	};

	test.each(Object.entries(ways))('%s keeps as many as asked, in order, the same at every call', (_, choose) => {
		fc.assert(
			fc.property(fc.integer({ min: 1, max: 100 }), fc.nat(), fc.nat(), (tokens, n, seed) => {
				const count = 1 + (n % tokens);
				const kept = choose(tokens, count, seed);
				expect(kept).toHaveLength(count);
				for (const [i, token] of kept.entries()) {
					expect(Number.isInteger(token) && token < tokens).toBe(true);
					expect(token).toBeGreaterThan(kept[i - 1] ?? -1);
				}
				expect(choose(tokens, count, seed)).toEqual(kept);
			}),
		);
	});
});

test('random draws differ by seed', () => {
	expect(randomTokens(64, 16, 1)).not.toEqual(randomTokens(64, 16, 0));
});

test('strided takes the middles of equal parts of the grid', () => {
	expect(stridedTokens(64, 4)).toEqual(
		grid(8, [
			[2, 2],
			[2, 6],
			[6, 2],
			[6, 6],
		]),
	);
	expect(stridedTokens(9, 1)).toEqual([4]);
	expect(stridedTokens(576, 256)).toHaveLength(256);
	expect(stridedTokens(8, 2)).toEqual([2, 6]); // no square: along the order
});

test('the top are the largest scores, of equals the first', () => {
	expect(topTokens([1, 5, 3, 5, 5], 2)).toEqual([1, 3]);
});

test('farthest points, worked out by hand', () => {
	// On a line at 0, 1, 4, 10 the mean is 3.75: first 10, then 0 (10 away), then 4 (4 and 6 away).
	const line = float32([4, 1], [0, 1, 4, 10]);
	expect(farthestTokens(line, 1, 'l2')).toEqual([3]);
	expect(farthestTokens(line, 2, 'l2')).toEqual([0, 3]);
	expect(farthestTokens(line, 3, 'l2')).toEqual([0, 2, 3]);
	// By angle, length does not matter: 0°, 0°, 90°, 45°. The mean of the directions lies at 30.4°.
	const angles = float32([4, 2], [1, 0, 100, 0, 0, 1, 3, 3]);
	expect(farthestTokens(angles, 1, 'cosine')).toEqual([2]);
	expect(farthestTokens(angles, 2, 'cosine')).toEqual([0, 2]);
	expect(farthestTokens(angles, 3, 'cosine')).toEqual([0, 2, 3]);
});

test('gathers tokens row by row', () => {
	const tokens = float32([2, 3, 2], [...Array(12).keys()]);
	const rows = [
		{ image: 1, kept: [0, 2] },
		{ image: 0, kept: [1, 2] },
	];
	expect(gatherTokens(tokens, rows)).toEqual(float32([2, 2, 2], [6, 7, 10, 11, 2, 3, 4, 5]));
});
