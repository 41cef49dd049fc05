import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { normalizedEntropy } from './entropy.ts';
import { visionAttention } from './vision-attention.ts';

const weight = fc.double({ min: 0, max: 1, noNaN: true });
const weights = fc.array(weight, { minLength: 2, maxLength: 40 });

describe('normalizedEntropy', () => {
	test('one on all is 0, even is 1, two of four is a half', () => {
		expect(normalizedEntropy([0, 0, 3, 0])).toBeCloseTo(0, 7);
		expect(normalizedEntropy(new Float32Array(576).fill(0.001))).toBeCloseTo(1, 12);
		expect(normalizedEntropy([1, 1, 0, 0])).toBeCloseTo(0.5, 8);
	});

	test('the smoothing of the published code, to the last digit', () => {
		// numpy: a = [3, 1, 0, 0]; p = a/4 + 1e-10; p /= p.sum(); -(p*log2(p)).sum()/log2(4)
		expect(normalizedEntropy([3, 1, 0, 0])).toBeCloseTo(0.4056390656542602, 12);
	});

	test('lies in 0 … 1 and does not see a factor', () => {
		fc.assert(
			fc.property(weights, fc.double({ min: 1e-3, max: 1e3, noNaN: true }), (a, factor) => {
				const h = normalizedEntropy(a);
				expect(h).toBeGreaterThanOrEqual(0);
				expect(h).toBeLessThanOrEqual(1);
				if (a.some((x) => x > 1e-100)) {
					expect(normalizedEntropy(a.map((x) => x * factor))).toBeCloseTo(h, 9);
				}
			}),
		);
	});

	test('does not see the order', () => {
		fc.assert(
			fc.property(weights, (a) => {
				expect(normalizedEntropy([...a].reverse())).toBeCloseTo(normalizedEntropy(a), 10);
			}),
		);
	});

	test('what has no distribution is said or refused', () => {
		expect(normalizedEntropy([5])).toBe(0);
		expect(normalizedEntropy([0])).toBe(0);
		expect(normalizedEntropy([0, 0, 0])).toBe(1);
		expect(() => normalizedEntropy([])).toThrow('entropy of no weights');
		for (const bad of [Number.NaN, -0.1, Number.POSITIVE_INFINITY]) {
			expect(() => normalizedEntropy([1, bad])).toThrow(`attention weight 1 of 2 is ${bad}`);
		}
	});
});

describe('visionAttention', () => {
	test('mean over heads, BOS out, sum to 1, mean over layers, columns cut out', () => {
		const rows = [
			[
				[0.5, 0.1, 0.2, 0.2],
				[0.7, 0.1, 0.1, 0.1],
			],
			[[0, 0.25, 0.25, 0.5]],
		];
		// Layer 0: mean [.6 .1 .15 .15] → [0 .25 .375 .375]; layer 1: as it is. Mean: [0 .25 .3125 .4375].
		expect(visionAttention(rows, { bos: 0, start: 1, end: 3 })).toBeAllclose([0.25, 0.3125], { atol: 1e-15 });
		expect(visionAttention(rows, { bos: null, start: 0, end: 2 })).toBeAllclose([0.3, 0.175], { atol: 1e-15 });
		expect(visionAttention(rows, { start: 0, end: 2 })).toBeAllclose([0.3, 0.175], { atol: 1e-15 });
		expect(visionAttention(rows, { bos: 0, start: 2, end: 2 })).toEqual([]);
	});

	test('typed arrays give what lists give, short rows are filled with 0', () => {
		const rows = [[[0.25, 0.25, 0.5]], [[0.5, 0.5]]];
		const typed = rows.map((heads) => heads.map((row) => Float32Array.from(row)));
		const columns = { bos: 0, start: 1, end: 3 };
		expect(visionAttention(typed, columns)).toEqual(visionAttention(rows, columns));
		expect(visionAttention(rows, columns)).toBeAllclose([(1 / 3 + 1) / 2, 1 / 3]);
	});

	test('all columns but BOS add up to 1', () => {
		const row = fc.array(fc.double({ min: 1e-6, max: 1, noNaN: true }), { minLength: 7, maxLength: 7 });
		const layer = fc.array(row, { minLength: 1, maxLength: 4 });
		fc.assert(
			fc.property(fc.array(layer, { minLength: 1, maxLength: 4 }), (rows) => {
				const sum = visionAttention(rows, { bos: 0, start: 1, end: 7 }).reduce((a, b) => a + b, 0);
				expect(sum).toBeCloseTo(1, 12);
			}),
		);
	});

	test('a layer that looks at BOS alone adds nothing', () => {
		expect(visionAttention([[[1, 0]], [[0, 1]]], { bos: 0, start: 1, end: 2 })).toEqual([0.5]);
	});

	test('columns that are not there and weights that are no numbers are refused', () => {
		const rows = [[[0.5, 0.5]]];
		expect(() => visionAttention(rows, { start: 1, end: 3 })).toThrow('vision columns 1 … 3 (exclusive)');
		expect(() => visionAttention(rows, { start: -1, end: 1 })).toThrow('vision columns');
		expect(() => visionAttention(rows, { bos: 2, start: 0, end: 1 })).toThrow('the BOS column 2');
		expect(() => visionAttention([[]], { start: 0, end: 0 })).toThrow('layer 0 has no heads');
		expect(() => visionAttention([[[0.5, Number.NaN]]], { start: 0, end: 1 })).toThrow(
			'attention of layer 0, head 0 to key 1 is NaN',
		);
	});
});
