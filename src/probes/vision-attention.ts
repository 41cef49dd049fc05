import { InputError, UsageError } from '../base/errors.ts';

/** Post-softmax attention of one query: `rows[layer][head][key]`. */
export type AttentionRows = readonly (readonly ArrayLike<number>[])[];

export interface VisionColumns {
	/** Column of the token that begins every sequence, left out of the normalisation; null or undefined: none. */
	bos?: number | null | undefined;
	/** First column of the vision tokens. */
	start: number;
	/** Column after the last of them. */
	end: number;
}

/**
 * What one query gives the vision tokens (VLM-Visualizer's rule, which the paper's code follows): in each layer the mean
 * over heads, BOS zeroed, brought back to sum 1; then the mean over layers; then the columns `start` to `end`, end
 * exclusive, not normalised again. rows[layer][head][key] → [end − start]
 *
 * Rows may be of any array type and need not sum to 1 exactly. Where a row is shorter than others, what it lacks counts
 * as 0; a layer that gives all its weight to BOS adds nothing. NaN, infinite and negative weights are an InputError.
 */
export function visionAttention(rows: AttentionRows, { bos, start, end }: VisionColumns): number[] {
	const keys = rows.reduce((most, heads) => heads.reduce((n, row) => Math.max(n, row.length), most), 0);
	if (!(Number.isInteger(start) && Number.isInteger(end) && 0 <= start && start <= end && end <= keys)) {
		throw new UsageError(`vision columns ${start} … ${end} (exclusive) do not lie in rows of ${keys} keys`, {
			code: 'vision-columns',
		});
	}
	if (bos != null && !(Number.isInteger(bos) && 0 <= bos && bos < keys)) {
		throw new UsageError(`the BOS column ${bos} does not lie in rows of ${keys} keys`, { code: 'vision-columns' });
	}
	const seen = new Float64Array(end - start);
	for (const [layer, heads] of rows.entries()) {
		if (heads.length === 0) throw new UsageError(`layer ${layer} has no heads`, { code: 'attention-rows' });
		const mean = sumOfHeads(heads, keys, layer);
		if (bos != null) mean[bos] = 0;
		// The number of heads divides out.
		const total = mean.reduce((a, b) => a + b, 0);
		if (total === 0) continue;
		for (let i = 0; i < seen.length; i++) seen[i]! += mean[start + i]! / total;
	}
	return Array.from(seen, (weight) => weight / rows.length);
}

function sumOfHeads(heads: readonly ArrayLike<number>[], keys: number, layer: number): Float64Array {
	const sum = new Float64Array(keys);
	for (const [head, row] of heads.entries()) {
		for (let key = 0; key < row.length; key++) {
			const weight = row[key]!;
			if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) {
				throw new InputError(
					`attention of layer ${layer}, head ${head} to key ${key} is ${weight}; expected a number from 0 up`,
					{ code: 'weights' },
				);
			}
			sum[key]! += weight;
		}
	}
	return sum;
}
