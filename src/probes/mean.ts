import { rng } from '../base/random.ts';
import { quantileSorted } from '../eval/statistics.ts';

/** A mean over images with its interval; null where there was nothing to take the mean of. */
export interface MeanInterval {
	mean: number;
	/** 95 %, percentile bootstrap over images. */
	low: number;
	high: number;
}

/** As many as the evaluations take. */
const RESAMPLES = 2000;

/** Mean of one value an image, with a bootstrap interval (95 %) over the images; null for no values. */
export function meanInterval(values: readonly number[], { seed = 0 }: { seed?: number } = {}): MeanInterval | null {
	const n = values.length;
	if (n === 0) return null;
	const mean = values.reduce((a, b) => a + b, 0) / n;
	const random = rng(seed, 'mean');
	const means = Float64Array.from({ length: RESAMPLES }, () => {
		let sum = 0;
		for (let i = 0; i < n; i++) sum += values[random.int(n)]!;
		return sum / n;
	}).sort();
	return { mean, low: quantileSorted(means, 0.025)!, high: quantileSorted(means, 0.975)! };
}

/** Mean of second − first over the same images, in the same order, with its interval; null for no values. */
export const pairedInterval = (first: readonly number[], second: readonly number[]): MeanInterval | null =>
	meanInterval(second.map((value, i) => value - first[i]!));

/** Running means of a table of numbers, such as one a layer and head. */
export interface MeanTable {
	/** Takes in one value of a cell; undefined is left out. */
	add(row: number, column: number, value: number | undefined): void;
	/** [rows][columns]; null where nothing came in. */
	means(): (number | null)[][];
	/** Mean of each row's cells together; null where nothing came in. */
	rowMeans(): (number | null)[];
}

export function meanTable(rows: number, columns: number): MeanTable {
	const sums = new Float64Array(rows * columns);
	const counts = new Float64Array(rows * columns);
	const over = (from: number, to: number) => {
		let [sum, count] = [0, 0];
		for (let i = from; i < to; i++) {
			sum += sums[i]!;
			count += counts[i]!;
		}
		return count === 0 ? null : sum / count;
	};
	return {
		add(row, column, value) {
			if (value === undefined) return;
			sums[row * columns + column]! += value;
			counts[row * columns + column]!++;
		},
		means: () =>
			Array.from({ length: rows }, (_, r) =>
				Array.from({ length: columns }, (_, c) => over(r * columns + c, r * columns + c + 1)),
			),
		rowMeans: () => Array.from({ length: rows }, (_, r) => over(r * columns, (r + 1) * columns)),
	};
}
