import fc from 'fast-check';
import { expect, test } from 'vitest';
import { rng } from './random.ts';

test('one seed and path give one stream, another path another', () => {
	const draw = (...path: (string | number)[]) => Array.from({ length: 4 }, rng(1, ...path).next);
	expect(draw('a', 2)).toEqual(draw('a', 2));
	expect(draw('a', 2)).not.toEqual(draw('a', 3));
	expect(draw('a2')).not.toEqual(draw('a', 2));
});

// The numbers come from an independent Python program of FNV-1a, splitmix32 and xoshiro128**.
test('the stream is the same on every platform and in every version', () => {
	const random = rng(42, 'pinned');
	expect([random.int(1000), random.int(1000), random.int(1000)]).toEqual([122, 219, 883]);
	expect(rng(42, 'pinned').permutation(8)).toEqual([6, 3, 2, 7, 4, 5, 1, 0]);
});

test('permutations hold every number once', () => {
	fc.assert(
		fc.property(fc.integer(), fc.integer({ min: 0, max: 200 }), (seed, n) => {
			expect(new Set(rng(seed).permutation(n)).size).toBe(n);
		}),
	);
});

test('uniform and normal draws have the right moments', () => {
	const random = rng(5);
	const n = 50_000;
	const mean = (xs: number[]) => xs.reduce((a, b) => a + b, 0) / xs.length;
	const uniform = Array.from({ length: n }, random.next);
	const normal = Array.from({ length: n }, random.normal);
	expect(Math.abs(mean(uniform) - 0.5)).toBeLessThan(0.005);
	expect(Math.abs(mean(uniform.map((x) => (x - 0.5) ** 2)) - 1 / 12)).toBeLessThan(0.002);
	expect(Math.abs(mean(normal))).toBeLessThan(0.02);
	expect(Math.abs(mean(normal.map((x) => x * x)) - 1)).toBeLessThan(0.03);
});
