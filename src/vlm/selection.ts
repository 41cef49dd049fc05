import { z } from 'zod';
import { rng } from '../base/random.ts';
import { float32, type Tensor } from '../base/tensor.ts';

const count = z.int().positive();
/**
 * `original`: kept tokens and the text after them keep the position ids they had (GAP, arXiv 2506.21873);
 * `repacked`: positions are counted anew, as if the other tokens had never been there.
 */
const positions = z.enum(['original', 'repacked']);
/** Counted from 0; null for the kind's own default. */
const layer = z.int().nonnegative().nullable();

/** Which vision tokens are kept, after everything that the vision path does; the rest never reach the decoder. */
export const tokenSelectionSchema = z.discriminatedUnion('kind', [
	/** One draw for all images. */
	z.strictObject({ kind: z.literal('random'), count, positions, seed: z.int() }),
	/** Evenly over the grid; where `count` or the grid is no square, evenly over the row-major order. */
	z.strictObject({ kind: z.literal('strided'), count, positions }),
	/**
	 * Those that the last prompt token attends to most, a mean over heads and over the decoder's layers, or in `layer`
	 * (FastV, arXiv 2403.06764, which prunes in mid-network; here they are left out from the start). A choice a question.
	 */
	z.strictObject({ kind: z.literal('attention'), count, positions, layer }),
	/**
	 * Those that the encoder's class token attends to most, a mean over heads, in encoder layer `layer` (default: the one
	 * that gives the last of the hidden states that are taken). A choice an image.
	 */
	z.strictObject({ kind: z.literal('class-attention'), count, positions, layer }),
	/**
	 * Farthest-point sampling on the tokens' features: from the token farthest from the mean on, always the one whose
	 * nearest kept token is farthest away (Gonzalez 1985). A choice an image.
	 */
	z.strictObject({ kind: z.literal('farthest'), count, positions, metric: z.enum(['cosine', 'l2']) }),
]);
export type TokenSelection = z.infer<typeof tokenSelectionSchema>;

const ascending = (indices: number[]): number[] => indices.sort((a, b) => a - b);

/** `count` of `tokens` tokens at random, in order; depends on the seed and the number of tokens only. */
export function randomTokens(tokens: number, count: number, seed: number): number[] {
	return ascending(rng(seed, 'selection', tokens).permutation(tokens).slice(0, count));
}

/** Middles of `count` equal parts of 0 … n−1. */
const middles = (n: number, count: number): number[] =>
	Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * n) / count));

/** `count` of `tokens` tokens, evenly spread (see `strided`), in order. */
export function stridedTokens(tokens: number, count: number): number[] {
	const side = Math.sqrt(tokens);
	const kept = Math.sqrt(count);
	if (!Number.isInteger(side) || !Number.isInteger(kept)) return middles(tokens, count);
	const lines = middles(side, kept);
	return lines.flatMap((y) => lines.map((x) => y * side + x));
}

/** The `count` largest scores' indices, in order; of equal scores the first. */
export function topTokens(scores: ArrayLike<number>, count: number): number[] {
	const ranked = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
	return ascending(ranked.slice(0, count));
}

/** Farthest-point sampling of `count` of the rows of tokens [tokens, width], in order; of equal distances the first. */
export function farthestTokens({ shape, data }: Tensor<'float32'>, count: number, metric: 'cosine' | 'l2'): number[] {
	const [tokens, width] = shape as [number, number];
	const rows = Array.from({ length: tokens }, (_, i) => Float64Array.from(data.subarray(i * width, (i + 1) * width)));
	if (metric === 'cosine') {
		// Of rows of length 1, squared distance is twice one minus the cosine.
		for (const row of rows) {
			const norm = Math.sqrt(row.reduce((sum, x) => sum + x * x, 0)) || 1;
			row.forEach((x, c) => {
				row[c] = x / norm;
			});
		}
	}
	const distance = (a: Float64Array, b: Float64Array) => {
		let sum = 0;
		for (let c = 0; c < width; c++) sum += (a[c]! - b[c]!) ** 2;
		return sum;
	};
	const mean = new Float64Array(width);
	for (const row of rows) for (let c = 0; c < width; c++) mean[c]! += row[c]! / tokens;

	const kept: number[] = [];
	let nearest = Float64Array.from(rows, (row) => distance(row, mean));
	while (kept.length < count) {
		const next = nearest.indexOf(nearest.reduce((a, b) => Math.max(a, b)));
		if (kept.length === 0) nearest = new Float64Array(tokens).fill(Number.POSITIVE_INFINITY);
		kept.push(next);
		rows.forEach((row, i) => {
			nearest[i] = Math.min(nearest[i]!, distance(row, rows[next]!));
		});
		for (const i of kept) nearest[i] = -1;
	}
	return ascending(kept);
}

/** The named tokens of rows of an image each: tokens [images, V, width] → [rows.length, kept, width] */
export function gatherTokens(
	{ shape, data }: Tensor<'float32'>,
	rows: readonly { image: number; kept: readonly number[] }[],
): Tensor<'float32'> {
	const [, tokens, width] = shape as [number, number, number];
	const count = rows[0]!.kept.length;
	const out = new Float32Array(rows.length * count * width);
	rows.forEach(({ image, kept }, r) => {
		kept.forEach((token, k) => {
			const from = (image * tokens + token) * width;
			out.set(data.subarray(from, from + width), (r * count + k) * width);
		});
	});
	return float32([rows.length, count, width], out);
}
