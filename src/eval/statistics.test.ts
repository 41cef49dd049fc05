import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mcnemarExact, percentileInterval, quantileSorted, wilsonInterval } from './statistics.ts';

describe('wilsonInterval', () => {
	it.each([
		// Newcombe (1998), Statistics in Medicine 17:857, Table I, method 3, to its four decimals.
		[81, 263, 0.2553, 0.3662],
		[15, 148, 0.0624, 0.1605],
		[0, 20, 0, 0.1611],
		[1, 29, 0.0061, 0.1718],
	])("gives Newcombe's limits for %i of %i", (successes, n, low, high) => {
		expect(wilsonInterval(successes, n)!).toBeAllclose([low, high], { atol: 5e-5 });
	});

	it.each([
		// scipy 1.10.0: binomtest(s, n).proportion_ci(0.95, method='wilson')
		[81, 263, 0.2552885198782742, 0.36620957698280004],
		[1831, 3000, 0.5927519327606074, 0.6276325346206704],
		[3000, 3000, 0.9987211512746741, 1],
	])("gives scipy's limits for %i of %i", (successes, n, low, high) => {
		expect(wilsonInterval(successes, n)!).toBeAllclose([low, high], { atol: 1e-14 });
	});

	it('has no interval for no questions', () => {
		expect(wilsonInterval(0, 0)).toBeUndefined();
	});

	it('contains the share, stays within 0 … 1 and mirrors', () => {
		const counts = fc
			.integer({ min: 1, max: 1e6 })
			.chain((n) => fc.tuple(fc.integer({ min: 0, max: n }), fc.constant(n)));
		fc.assert(
			fc.property(counts, ([successes, n]) => {
				const [low, high] = wilsonInterval(successes, n)!;
				expect(low).toBeGreaterThanOrEqual(0);
				expect(high).toBeLessThanOrEqual(1);
				expect(low).toBeLessThanOrEqual(successes / n);
				expect(high).toBeGreaterThanOrEqual(successes / n);
				const [mirroredLow, mirroredHigh] = wilsonInterval(n - successes, n)!;
				expect([1 - mirroredHigh, 1 - mirroredLow]).toBeAllclose([low, high], { atol: 1e-12 });
			}),
		);
	});
});

/** min(1, 2 · Σ_{i ≤ k} C(n, i) / 2ⁿ) in whole numbers, rounded once at the end. */
function mcnemarInWholeNumbers(onlyA: number, onlyB: number): number {
	const n = onlyA + onlyB;
	let term = 1n;
	let tail = 0n;
	for (let i = 0; i <= Math.min(onlyA, onlyB); i++) {
		tail += term;
		term = (term * BigInt(n - i)) / BigInt(i + 1);
	}
	// Number() rounds at 53 bits, so 64 are enough; n up to 800 keeps the power of two a normal number.
	const dropped = Math.max(0, tail.toString(2).length - 64);
	return Math.min(1, Number(tail >> BigInt(dropped)) * 2 ** (dropped + 1 - n));
}

describe('mcnemarExact', () => {
	it("gives the p of mcnemar.exact's own example (R package exact2x2, discordant pairs 2 and 9)", () => {
		expect(mcnemarExact(2, 9).toPrecision(4)).toBe('0.06543');
	});

	it.each([
		// scipy 1.10.0: binomtest(b, b + c, 0.5).pvalue. 86 and 150 are the approval ratings of Agresti, Categorical Data
		// Analysis, Table 10.1.
		[86, 150, 3.715936139571387e-5],
		[0, 5, 0.0625],
		[10, 10, 1],
		[3, 1, 0.625],
		[16, 9, 0.2295229434967041],
		[59, 6, 4.964650327128616e-12],
		[1200, 1400, 9.44223476534101e-5],
		[40000, 41000, 0.0004478218231375634],
	])("gives scipy's p for %i and %i", (onlyA, onlyB, p) => {
		expect([mcnemarExact(onlyA, onlyB)]).toBeAllclose([p], { atol: 0, rtol: 1e-9 });
	});

	it('is 1 where the sides never differ and 0 only where the p is below all numbers', () => {
		expect(mcnemarExact(0, 0)).toBe(1);
		expect(mcnemarExact(0, 1000)).toBe(2 ** -999);
		expect(mcnemarExact(0, 1200)).toBe(0);
	});

	it('agrees with whole-number arithmetic and does not care which side is which', () => {
		const count = fc.integer({ min: 0, max: 400 });
		fc.assert(
			fc.property(count, count, (onlyA, onlyB) => {
				const p = mcnemarExact(onlyA, onlyB);
				expect([p]).toBeAllclose([mcnemarInWholeNumbers(onlyA, onlyB)], { atol: 0, rtol: 1e-12 });
				expect(mcnemarExact(onlyB, onlyA)).toBe(p);
			}),
		);
	});
});

describe('quantileSorted', () => {
	it("is R's type 7 (numpy 1.26.4: quantile([1, 2, 4, 8], [.1, .25, .5, .9]))", () => {
		const quantiles = [0.1, 0.25, 0.5, 0.9].map((p) => quantileSorted([1, 2, 4, 8], p)!);
		expect(quantiles).toBeAllclose([1.3, 1.75, 3, 6.8], { atol: 1e-12 });
	});

	it('has none for no values', () => {
		expect(quantileSorted([], 0.5)).toBeUndefined();
		expect(percentileInterval([])).toBeUndefined();
	});

	it('takes the central 95 % of values in any order', () => {
		const values = Array.from({ length: 201 }, (_, i) => (i * 77) % 201);
		expect(percentileInterval(values)!).toBeAllclose([5, 195], { atol: 1e-12 });
	});
});
