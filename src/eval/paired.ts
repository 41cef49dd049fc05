import { type ClusterSums, RESAMPLES, resampleTotals } from './bootstrap.ts';
import type { Paired } from './run.ts';
import { type Interval, mcnemarExact, percentileInterval } from './statistics.ts';

/** Images below which a bootstrap by images says nothing: of one image, every resample is that image again. */
export const FEWEST_IMAGES = 10;

/** Stands for the interval of a difference where there are too few images: all that a difference can be. */
const ANY_DIFFERENCE: Interval = [-1, 1];

/**
 * Whether a comparison is about too few images for an interval. Earlier versions did not store how many there are; there
 * are never more than questions.
 */
export function tooFewImages({ images, questions }: Pick<Paired, 'images' | 'questions'>): boolean {
	return (images ?? questions) < FEWEST_IMAGES;
}

/** One side of a comparison: a condition or a run. Values by question, in one order for all sides. */
export interface Side {
	name: string;
	/** Share of the side's draws that have the question right, 0 … 1. */
	mean: ArrayLike<number>;
	/** 1 where the first draw has the question right, else 0. */
	first: ArrayLike<number>;
}

export interface PairedQuestion {
	/** Cluster of the bootstrap. */
	image: string;
	category: string;
}

/** A category's questions, or all of them, with the quantities of `sumClusters`. */
interface Part {
	category: string | null;
	members: readonly number[];
	/** Number of images. */
	images: number;
	/** [width] */
	totals: Float64Array;
	/** [resamples, width] */
	resampled: Float64Array;
}

/** Quantities of a cluster: [questions, sum of side 0's means, sum of side 1's means, …]. */
function sumClusters(
	members: readonly number[],
	imageOf: ArrayLike<number>,
	sides: readonly Side[],
): ClusterSums & { totals: Float64Array } {
	const width = 1 + sides.length;
	const rows = new Map<number, number>();
	for (const question of members) {
		const image = imageOf[question]!;
		if (!rows.has(image)) rows.set(image, rows.size);
	}
	const sums = new Float64Array(rows.size * width);
	const totals = new Float64Array(width);
	const add = (row: number, column: number, value: number) => {
		sums[row * width + column]! += value;
		totals[column]! += value;
	};
	for (const question of members) {
		const row = rows.get(imageOf[question]!)!;
		add(row, 0, 1);
		for (const [s, side] of sides.entries()) add(row, s + 1, side.mean[question]!);
	}
	return { clusters: Int32Array.from(rows.keys()), width, sums, totals };
}

function addInto(target: Float64Array, source: Float64Array): void {
	for (let i = 0; i < source.length; i++) target[i]! += source[i]!;
}

/** Difference and PSI of side `s` against side 0, observed and, of enough images, over the resamples. */
function effects({ images, totals, resampled }: Part, s: number) {
	const width = totals.length;
	const [n, a, b] = [totals[0]!, totals[1]!, totals[1 + s]!];
	const differences: number[] = [];
	const psis: number[] = [];
	for (let at = 0; at < resampled.length; at += width) {
		const [drawnN, drawnA, drawnB] = [resampled[at]!, resampled[at + 1]!, resampled[at + 1 + s]!];
		// A resample may miss a rare category's images; it then says nothing about it.
		if (drawnN > 0) differences.push((drawnB - drawnA) / drawnN);
		if (drawnA > 0) psis.push((drawnA - drawnB) / drawnA);
	}
	const few = images < FEWEST_IMAGES;
	return {
		difference: (b - a) / n,
		interval: few ? ANY_DIFFERENCE : percentileInterval(differences)!,
		psi: a > 0 ? (a - b) / a : null,
		psiInterval: (a > 0 && !few ? percentileInterval(psis) : undefined) ?? null,
	} satisfies { difference: number; interval: Interval; psi: number | null; psiInterval: Interval | null };
}

/**
 * Every side but the first against the first, on the same questions: for all questions, then for each category.
 * The difference is accuracy(b) − accuracy(a), PSI is (accuracy(a) − accuracy(b)) / accuracy(a); both intervals are
 * the central 95 % of a bootstrap over images, for the draws that were made; p is McNemar's exact one on the first draws.
 * From fewer than `FEWEST_IMAGES` images PSI has no interval, and that of the difference excludes nothing. Empty where
 * there are no questions.
 */
export function pairedComparisons(
	sides: readonly Side[],
	questions: readonly PairedQuestion[],
	{ seed, resamples = RESAMPLES }: { seed: number; resamples?: number },
): Paired[] {
	const [reference, ...others] = sides;
	if (reference === undefined || others.length === 0 || questions.length === 0) return [];

	const images = new Map<string, number>();
	const byCategory = new Map<string, number[]>();
	const imageOf = Int32Array.from(questions, ({ image, category }, question) => {
		if (!images.has(image)) images.set(image, images.size);
		const members = byCategory.get(category);
		if (members) members.push(question);
		else byCategory.set(category, [question]);
		return images.get(image)!;
	});

	const sums = [...byCategory.values()].map((members) => sumClusters(members, imageOf, sides));
	const resampled = resampleTotals(sums, images.size, { seed, resamples });
	const parts = [...byCategory].map(
		([category, members], i): Part => ({
			category,
			members,
			images: sums[i]!.clusters.length,
			totals: sums[i]!.totals,
			resampled: resampled[i]!,
		}),
	);
	const all: Part = {
		category: null,
		members: questions.map((_, question) => question),
		images: images.size,
		totals: new Float64Array(1 + sides.length),
		resampled: new Float64Array(resamples * (1 + sides.length)),
	};
	for (const part of parts) {
		addInto(all.totals, part.totals);
		addInto(all.resampled, part.resampled);
	}

	return others.flatMap((side, i) =>
		[all, ...parts].map((part): Paired => {
			let onlyA = 0;
			let onlyB = 0;
			for (const question of part.members) {
				const [a, b] = [reference.first[question]!, side.first[question]!];
				if (a > b) onlyA++;
				if (b > a) onlyB++;
			}
			const { difference, interval, psi, psiInterval } = effects(part, i + 1);
			return {
				a: reference.name,
				b: side.name,
				category: part.category,
				questions: part.members.length,
				images: part.images,
				difference,
				interval,
				onlyA,
				onlyB,
				p: mcnemarExact(onlyA, onlyB),
				psi,
				psiInterval,
			};
		}),
	);
}
