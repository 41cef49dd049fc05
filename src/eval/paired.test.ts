import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { quietSeconds } from '../../test/support/quiet.ts';
import { rng } from '../base/random.ts';
import { resampleTotals } from './bootstrap.ts';
import { FEWEST_IMAGES, pairedComparisons, type Side, tooFewImages } from './paired.ts';

/** `perImage` questions on each of `images` images, the categories in turn; side b is right less often than side a. */
function sample({
	images,
	perImage,
	categories,
	seed = 1,
}: Record<'images' | 'perImage' | 'categories', number> & { seed?: number }) {
	const random = rng(seed, 'sample');
	const questions = Array.from({ length: images * perImage }, (_, i) => ({
		image: `i${Math.floor(i / perImage)}`,
		category: `c${i % categories}`,
	}));
	// A share of each image's own makes its questions go together, which is what clusters are for.
	const ease = Array.from({ length: images }, () => random.next());
	const draw = (level: number) =>
		questions.map((_, i) => Number(random.next() < level * ease[Math.floor(i / perImage)]! + 0.2));
	const side = (name: string, level: number): Side => {
		const first = draw(level);
		return { name, first, mean: first };
	};
	return { questions, sides: [side('a', 0.7), side('b', 0.3)] };
}

describe('resampleTotals', () => {
	it('draws each of two clusters twice a quarter of the time, both half of the time', () => {
		const table = { clusters: Int32Array.of(0, 1), width: 1, sums: Float64Array.of(1, 10) };
		const [totals] = resampleTotals([table], 2, { seed: 3, resamples: 40_000 });
		const shares = [2, 11, 20].map((total) => totals!.filter((value) => value === total).length / 40_000);
		// Four standard errors of a share of one half among 40,000.
		expect(shares).toBeAllclose([0.25, 0.5, 0.25], { atol: 0.01 });
	});

	it('draws as many clusters as there are, the same ones for every table', () => {
		const tables = [
			{ clusters: Int32Array.of(0, 1, 2, 3), width: 2, sums: Float64Array.of(1, 0, 1, 1, 1, 2, 1, 3) },
			{ clusters: Int32Array.of(3), width: 1, sums: Float64Array.of(3) },
			{ clusters: Int32Array.of(1, 2), width: 1, sums: Float64Array.of(1, 2) },
		];
		const [all, last, middle] = resampleTotals(tables, 4, { seed: 0, resamples: 50 });
		for (let i = 0; i < 50; i++) {
			expect(all![2 * i]).toBe(4);
			expect(all![2 * i + 1]).toBe(last![i]! + middle![i]!);
		}
	});
});

describe('pairedComparisons', () => {
	it('compares by hand-checked counts', () => {
		const side = (name: string, ...first: number[]): Side => ({ name, first, mean: first });
		const questions = ['x', 'x', 'y', 'y', 'y'].map((category, i) => ({ image: `${i}`, category }));
		const [all, x, y] = pairedComparisons([side('a', 1, 1, 1, 1, 0), side('b', 1, 0, 0, 0, 1)], questions, { seed: 0 });
		expect(all).toMatchObject({ a: 'a', b: 'b', category: null, questions: 5, onlyA: 3, onlyB: 1, p: 0.625, psi: 0.5 });
		expect(all!.difference).toBeCloseTo(-0.4, 12);
		expect(x).toMatchObject({ category: 'x', questions: 2, difference: -0.5, onlyA: 1, onlyB: 0, p: 1 });
		expect(y).toMatchObject({ category: 'y', questions: 3, onlyA: 2, onlyB: 1, p: 1, psi: 0.5 });
	});

	it('takes the mean over draws for difference and PSI, the first draw for McNemar', () => {
		const a: Side = { name: 'a', mean: [1, 1], first: [1, 1] };
		const b: Side = { name: 'b', mean: [1 / 3, 2 / 3], first: [1, 1] };
		const questions = [0, 1].map((i) => ({ image: `${i}`, category: 'c' }));
		const [all] = pairedComparisons([a, b], questions, { seed: 0 });
		expect(all).toMatchObject({ onlyA: 0, onlyB: 0, p: 1 });
		expect([all!.difference, all!.psi!]).toBeAllclose([-0.5, 0.5], { atol: 1e-12 });
	});

	it('has no interval from too few images, however many questions they have', () => {
		const { questions, sides } = sample({ images: FEWEST_IMAGES, perImage: 4, categories: 2 });
		const few = questions.map(({ image }, i) => ({ image, category: i < 4 * (FEWEST_IMAGES - 1) ? 'few' : 'one' }));
		const [all, ...parts] = pairedComparisons(sides, few, { seed: 0 });
		expect(all!.images).toBe(FEWEST_IMAGES);
		expect(all!.interval[1] - all!.interval[0]).toBeLessThan(1);
		expect(all!.psiInterval).not.toBeNull();
		expect(parts.map(({ images }) => images)).toEqual([FEWEST_IMAGES - 1, 1]);
		for (const part of parts) expect(part).toMatchObject({ interval: [-1, 1], psiInterval: null });
		expect([all!, ...parts].map(tooFewImages)).toEqual([false, true, true]);
		expect(tooFewImages({ questions: 5 })).toBe(true);
		expect(tooFewImages({ questions: 10 })).toBe(false);
	});

	it('has the width of the cluster-robust standard error, not that of independent questions', () => {
		const images = 400;
		const { questions, sides } = sample({ images, perImage: 6, categories: 6 });
		const [all] = pairedComparisons(sides, questions, { seed: 5 });
		// Linearised variance of a ratio of cluster sums: Σ(dᵢ − nᵢ·D)² / N² (Cochran, Sampling Techniques, 1977, 2.9).
		const sums = new Float64Array(images);
		for (let q = 0; q < questions.length; q++) {
			sums[Math.floor(q / 6)]! += sides[1]!.mean[q]! - sides[0]!.mean[q]! - all!.difference;
		}
		const error = Math.sqrt(sums.reduce((sum, value) => sum + value * value, 0)) / questions.length;
		const [low, high] = all!.interval;
		expect([(high - low) / 2]).toBeAllclose([1.96 * error], { atol: 0, rtol: 0.06 });
		expect([(high + low) / 2]).toBeAllclose([all!.difference], { atol: 0.2 * error });
	});

	it('finds nothing between a side and itself', () => {
		const { questions, sides } = sample({ images: 30, perImage: 3, categories: 2 });
		const twin = { ...sides[0]!, name: 'twin' };
		for (const paired of pairedComparisons([sides[0]!, twin], questions, { seed: 0, resamples: 100 })) {
			expect(paired).toMatchObject({ difference: 0, interval: [0, 0], p: 1, psi: 0, psiInterval: [0, 0] });
		}
	});

	it('has no PSI where the reference has nothing right', () => {
		const zero: Side = { name: 'a', mean: [0, 0], first: [0, 0] };
		const one: Side = { name: 'b', mean: [1, 0], first: [1, 0] };
		const questions = [0, 1].map((i) => ({ image: `${i}`, category: 'c' }));
		const [all] = pairedComparisons([zero, one], questions, { seed: 0 });
		expect(all).toMatchObject({ difference: 0.5, psi: null, psiInterval: null });
	});

	it('says nothing about nothing', () => {
		const side: Side = { name: 'a', mean: [], first: [] };
		expect(pairedComparisons([side, side], [], { seed: 0 })).toEqual([]);
		expect(pairedComparisons([side], [{ image: '0', category: 'c' }], { seed: 0 })).toEqual([]);
	});

	it('mirrors when the sides change places, and another side beside them changes nothing', () => {
		const shape = fc.record({
			images: fc.integer({ min: 1, max: 12 }),
			perImage: fc.integer({ min: 1, max: 4 }),
			categories: fc.integer({ min: 1, max: 4 }),
			seed: fc.nat(),
		});
		fc.assert(
			fc.property(shape, (options) => {
				const { questions, sides } = sample(options);
				const [a, b] = [sides[0]!, sides[1]!];
				const forth = pairedComparisons([a, b], questions, { seed: 1, resamples: 60 });
				const back = pairedComparisons([b, a], questions, { seed: 1, resamples: 60 });
				expect(pairedComparisons([a, b, a], questions, { seed: 1, resamples: 60 }).slice(0, forth.length)).toEqual(
					forth,
				);
				for (const [i, there] of forth.entries()) {
					const here = back[i]!;
					expect([-here.difference, -here.interval[1], -here.interval[0]]).toBeAllclose(
						[there.difference, ...there.interval],
						{ atol: 1e-12 },
					);
					expect([here.onlyB, here.onlyA, here.p]).toEqual([there.onlyA, there.onlyB, there.p]);
				}
			}),
			{ numRuns: 50 },
		);
	});

	it('resamples 3,000 questions 2,000 times for eight categories and five conditions in under a second', async () => {
		const { questions, sides } = sample({ images: 500, perImage: 6, categories: 8 });
		const [a, b] = [sides[0]!, sides[1]!];
		const compare = () => expect(pairedComparisons([a, b, b, b, b, b], questions, { seed: 0 })).toHaveLength(5 * 9);
		expect(await quietSeconds(1, compare)).toBeLessThan(1);
	});
});
