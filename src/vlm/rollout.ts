import { add, concat, div, matmul, mul, reduceMean, reduceSum, slice, transpose, type Value } from '../graph/index.ts';

/**
 * What the patches that some weights stand on have looked at: w · Ā, where Ā is the mean over layers of the attention
 * among patches, a mean over heads with the class token cut out and each row brought back to sum 1 (VLM-Visualizer's
 * rule). The product is formed layer by layer, so that Ā never exists as a whole. weights [batch, rows, 1 + patches];
 * attentions [batch, heads, 1 + patches, 1 + patches] → [batch, rows, 1 + patches]. The class token's weights are ignored
 * and come out as 0.
 */
export function rollout(weights: Value, attentions: readonly Value[]): Value {
	const count = weights.shape[2] as number;
	const nothing = mul(slice(weights, 2, 0, 1), 0); // [batch, rows, 1]
	const patches = slice(weights, 2, 1, count); // [batch, rows, patches]
	const layers = attentions.map((attention) => {
		const mean = slice(slice(reduceMean(attention, [1]), 1, 1, count), 2, 1, count); // [batch, patches, patches]
		const total = transpose(reduceSum(mean, [2], { keepDims: true }), [0, 2, 1]); // [batch, 1, patches]
		return matmul(div(patches, total), mean);
	});
	// Before the first layer nothing has looked anywhere: a patch is what it shows.
	const mean =
		layers.length === 0
			? patches
			: mul(
					layers.reduce((a, b) => add(a, b)),
					1 / layers.length,
				);
	return concat([nothing, mean], 2);
}
