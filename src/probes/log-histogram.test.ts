import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quantileSorted } from '../eval/statistics.ts';
import { addValue, coarsen, emptyHistogram, histogramQuantile } from './log-histogram.ts';

const norms = fc.array(fc.double({ min: -4, max: 5, noNaN: true }), { minLength: 1, maxLength: 300 });

test('quantiles agree with exact ones within half a bin, ends are exact', () => {
	fc.assert(
		fc.property(norms, fc.double({ min: 0, max: 1, noNaN: true }), (exponents, p) => {
			const values = exponents.map((x) => 10 ** x).sort((a, b) => a - b);
			const histogram = emptyHistogram();
			for (const value of values) addValue(histogram, value);
			const exact = quantileSorted(values, p)!;
			expect(Math.abs(histogramQuantile(histogram, p)! / exact - 1)).toBeLessThanOrEqual(0.00226);
			expect([histogram.min, histogram.max, histogram.count]).toEqual([values[0], values.at(-1), values.length]);
		}),
	);
});

test('five million values take no more room than one', () => {
	const histogram = emptyHistogram();
	addValue(histogram, 1);
	const size = histogram.bins.length;
	for (let i = 1; i <= 5000; i++) addValue(histogram, i, 1000);
	expect(histogram.bins.length).toBe(size);
	expect(histogram.count).toBe(5_000_001);
	expect(histogramQuantile(histogram, 0.5)! / 2500).toBeCloseTo(1, 2);
});

test('coarse bins hold every value between their edges', () => {
	const histogram = emptyHistogram();
	for (const value of [0, 0.02, 0.5, 1, 1.2, 40, 1e9]) addValue(histogram, value);
	const { start, width, counts } = coarsen(histogram, 32);
	expect(counts.reduce((a, b) => a + b, 0)).toBe(7);
	expect([start, width]).toEqual([-6, 1 / 16]);
	const at = (value: number) => counts[Math.floor((Math.log10(value) - start) / width)];
	expect([at(0.02), at(0.5), at(40)]).toEqual([1, 1, 1]);
	expect(at(1)).toBe(1);
});

test('nothing has no quantile', () => {
	expect(histogramQuantile(emptyHistogram(), 0.5)).toBeUndefined();
});
