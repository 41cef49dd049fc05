import { add, type Dim, matmul, mul, product, reshape, softmax, transpose, type Value } from '../graph/index.ts';

/** [batch*sequence, heads·size] → [batch, heads, sequence, size] */
export function splitHeads(x: Value, batch: Dim, sequence: Dim, heads: number): Value {
	const size = (x.shape[1] as number) / heads;
	return transpose(reshape(x, [batch, sequence, heads, size]), [0, 2, 1, 3]);
}

/** [batch, heads, sequence, size] → [batch*sequence, heads·size] */
export function mergeHeads(x: Value): Value {
	const [batch, heads, sequence, size] = x.shape;
	return reshape(transpose(x, [0, 2, 1, 3]), [product(batch!, sequence!), (heads as number) * (size as number)]);
}

export interface Attended {
	/** [batch, heads, query, size] */
	context: Value;
	/** softmax(q·kᵀ / √size + bias): [batch, heads, query, key] */
	weights: Value;
}

/**
 * Scaled dot-product attention. q [batch, heads, query, size]; k, v [batch, kvHeads, key, size], each shared by
 * heads / kvHeads neighbouring query heads; `bias` broadcasts to [batch, heads, query, key] and is added to the logits.
 */
export function attend(q: Value, k: Value, v: Value, bias: Value | null = null): Attended {
	const [batch, heads, query, size] = q.shape as [Dim, number, Dim, number];
	const [, kvHeads, key] = k.shape as [Dim, number, Dim];
	const scaled = mul(q, 1 / Math.sqrt(size));
	if (heads === kvHeads) {
		const logits = matmul(scaled, transpose(k, [0, 1, 3, 2]));
		const weights = softmax(bias ? add(logits, bias) : logits);
		return { context: matmul(weights, v), weights };
	}
	// Grouped queries: the heads that share a key head become one longer list of queries.
	const group = heads / kvHeads;
	const grouped = reshape(scaled, [batch, kvHeads, product(group, query), size]);
	const logits = reshape(matmul(grouped, transpose(k, [0, 1, 3, 2])), [batch, heads, query, key]);
	const weights = softmax(bias ? add(logits, bias) : logits);
	const context = matmul(reshape(weights, [batch, kvHeads, product(group, query), key]), v);
	return { context: reshape(context, [batch, heads, query, size]), weights };
}
