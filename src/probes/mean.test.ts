import { expect, test } from 'vitest';
import { rng } from '../base/random.ts';
import { meanInterval, meanTable, pairedInterval } from './mean.ts';

test('the bootstrap interval of a normal sample is that of theory', () => {
	const random = rng(3);
	const values = Array.from({ length: 400 }, () => 5 + random.normal());
	const { mean, low, high } = meanInterval(values)!;
	const n = values.length;
	const deviation = Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1));
	expect([mean - low, high - mean]).toBeAllclose(Array(2).fill((1.96 * deviation) / Math.sqrt(n)), { rtol: 0.08 });
	expect(meanInterval(values)).toEqual(meanInterval(values));
});

test('one value is its own interval, none has none', () => {
	expect(meanInterval([2])).toEqual({ mean: 2, low: 2, high: 2 });
	expect(meanInterval([])).toBeNull();
});

test('a paired difference is told where the two means alone would not tell it', () => {
	const random = rng(4);
	const first = Array.from({ length: 100 }, () => random.normal());
	const second = first.map((value) => value + 0.1 + 0.05 * random.normal());
	const [a, b, difference] = [meanInterval(first)!, meanInterval(second)!, pairedInterval(first, second)!];
	expect(b.low).toBeLessThan(a.high);
	expect(difference.low).toBeGreaterThan(0);
	expect([difference.mean]).toBeAllclose([b.mean - a.mean], { rtol: 1e-9 });
	expect(pairedInterval([], [])).toBeNull();
});

test('a table keeps means of cells and rows and leaves undefined out', () => {
	const table = meanTable(2, 2);
	table.add(0, 0, 1);
	table.add(0, 0, 3);
	table.add(0, 1, 8);
	table.add(1, 0, undefined);
	expect(table.means()).toEqual([
		[2, 8],
		[null, null],
	]);
	expect(table.rowMeans()).toEqual([4, null]);
});
