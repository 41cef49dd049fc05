import { type ClusterSums, resampleTotals } from '../eval/bootstrap.ts';
import { type Interval, percentileInterval } from '../eval/statistics.ts';
import type { Decoded } from './linear-results.ts';
import { addRow, createMoments, crossValidated, type LinearMap, type Moments, predict } from './ridge.ts';

/** What a token is, twice over, and what it is said to be as a control: [a, b, control of a, control of b] */
export type Labels = readonly [number, number, number, number];

/**
 * Two things read off a token's state by one ridge regression on one-hot targets, cross-validated with folds of images,
 * and the same on labels in random order. First `learnToken` with every token, then `fitReading`, then `testToken`.
 */
export interface Reading {
	/** Numbers of labels: [of a, of b] */
	sizes: readonly [number, number];
	/** By fold. */
	moments: Moments[];
	/** By fold, fitted to the others; empty before `fitReading`. */
	maps: LinearMap[];
	/** [images, COLUMNS.length] */
	sums: Float64Array;
	scores: Float64Array;
}

/** What is summed up of each image's tokens: how many there are, which are right, squared errors of the label's number. */
const COLUMNS = ['tokens', 'a', 'b', 'both', 'errorA', 'errorB', 'controlA', 'controlB', 'controlBoth'] as const;
type Column = (typeof COLUMNS)[number];

export function createReading(
	features: number,
	sizes: readonly [number, number],
	{ folds, images }: { folds: number; images: number },
): Reading {
	const targets = 2 * (sizes[0] + sizes[1]);
	return {
		sizes,
		moments: Array.from({ length: folds }, () => createMoments(features, targets)),
		maps: [],
		sums: new Float64Array(images * COLUMNS.length),
		scores: new Float64Array(targets),
	};
}

/** Where the targets of each label begin. */
const startsOf = ([a, b]: Reading['sizes']): Labels => [0, a, a + b, 2 * a + b];

export function learnToken({ moments, sizes }: Reading, image: number, x: Float64Array, labels: Labels): void {
	const starts = startsOf(sizes);
	addRow(
		moments[image % moments.length]!,
		x,
		labels.map((label, i) => starts[i]! + label),
	);
}

/** Whether every fold has tokens to fit and to test. */
export const isReadable = ({ moments }: Reading): boolean => moments.every(({ rows }) => rows > 0);

/** λ is chosen for the true labels; the controls take the same. */
export function fitReading(reading: Reading): void {
	reading.maps = crossValidated(reading.moments, reading.sizes[0] + reading.sizes[1]);
}

export function testToken(
	{ maps, sizes, sums, scores }: Reading,
	image: number,
	x: Float64Array,
	labels: Labels,
): void {
	predict(maps[image % maps.length]!, x, scores);
	const starts = startsOf(sizes);
	const right = labels.map((label, i) => {
		const start = starts[i]!;
		const block = scores.subarray(start, start + sizes[i % 2]!);
		return Number(indexOfMax(block) === label);
	});
	// The sum of numbers times scores is what a regression on the number itself would give.
	const error = (i: 0 | 1) => {
		let number = 0;
		for (let n = 0; n < sizes[i]; n++) number += n * scores[starts[i] + n]!;
		return (number - labels[i]) ** 2;
	};
	const [a, b, controlA, controlB] = right as [number, number, number, number];
	const values = [1, a, b, a * b, error(0), error(1), controlA, controlB, controlA * controlB];
	for (const [c, value] of values.entries()) sums[image * COLUMNS.length + c]! += value;
}

function indexOfMax(values: Float64Array): number {
	let best = 0;
	for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
	return best;
}

interface Ratio {
	value: number;
	interval: Interval;
}

export interface ReadingResult {
	a: Decoded & { r2: Ratio };
	b: Decoded & { r2: Ratio };
	/** Both rightly at once. */
	both: Decoded;
}

/** Results of tested readings over the same images; intervals are bootstrapped over images, which all see the same draws. */
export function resultsOfReadings(readings: readonly Reading[], seed: number): ReadingResult[] {
	const width = COLUMNS.length;
	const tables = readings.map(({ sums }): ClusterSums => {
		return { clusters: Int32Array.from({ length: sums.length / width }, (_, i) => i), width, sums };
	});
	const images = tables[0]?.clusters.length ?? 0;
	const resampled = resampleTotals(tables, images, { seed });
	return readings.map((reading, r) => resultOf(reading, resampled[r]!));
}

function resultOf({ moments, sizes, sums }: Reading, resampled: Float64Array): ReadingResult {
	const width = COLUMNS.length;
	const perToken = (name: Column): Ratio => {
		const column = COLUMNS.indexOf(name);
		const ratios: number[] = [];
		for (let at = 0; at < resampled.length; at += width) {
			if (resampled[at]! > 0) ratios.push(resampled[at + column]! / resampled[at]!);
		}
		let [tokens, total] = [0, 0];
		for (let at = 0; at < sums.length; at += width) {
			tokens += sums[at]!;
			total += sums[at + column]!;
		}
		return { value: total / tokens, interval: percentileInterval(ratios)! };
	};
	const decoded = (name: Column, controlName: Column, chance: number): Decoded => {
		const [{ value: accuracy, interval }, control] = [perToken(name), perToken(controlName)];
		return { accuracy, interval, chance, control: control.value, controlInterval: control.interval };
	};
	const shares = [0, 1].map((i) => sharesOf(moments, i === 0 ? 0 : sizes[0], sizes[i]!));
	const explained = (name: Column, share: readonly number[]): Ratio => {
		const mean = share.reduce((sum, p, n) => sum + p * n, 0);
		const variance = share.reduce((sum, p, n) => sum + p * (n - mean) ** 2, 0);
		const { value, interval } = perToken(name);
		return { value: 1 - value / variance, interval: [1 - interval[1] / variance, 1 - interval[0] / variance] };
	};
	const [shareA, shareB] = shares as [number[], number[]];
	return {
		a: { ...decoded('a', 'controlA', Math.max(...shareA)), r2: explained('errorA', shareA) },
		b: { ...decoded('b', 'controlB', Math.max(...shareB)), r2: explained('errorB', shareB) },
		both: decoded('both', 'controlBoth', Math.max(...shareA) * Math.max(...shareB)),
	};
}

/** Shares of the labels whose targets begin at `start`. */
function sharesOf(moments: readonly Moments[], start: number, size: number): number[] {
	const rows = moments.reduce((sum, m) => sum + m.rows, 0);
	return Array.from({ length: size }, (_, n) => moments.reduce((sum, m) => sum + m.y[start + n]!, 0) / rows);
}
