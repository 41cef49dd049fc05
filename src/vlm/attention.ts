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
	/** softmax(scale · q·kᵀ / √size + bias): [batch, heads, query, key] */
	weights: Value;
}

export interface AttendOptions {
	/** Added to the logits; broadcasts to [batch, heads, query, key]. */
	bias?: Value | undefined;
	/** Multiplied with the logits before the bias is added; broadcasts likewise. */
	scale?: Value | undefined;
}

/**
 * Scaled dot-product attention. q [batch, heads, query, size]; k, v [batch, kvHeads, key, size], each shared by
 * heads / kvHeads neighbouring query heads.
 */
export function attend(q: Value, k: Value, v: Value, { bias, scale }: AttendOptions = {}): Attended {
	const [batch, heads, query, size] = q.shape as [Dim, number, Dim, number];
	const [, kvHeads, key] = k.shape as [Dim, number, Dim];
	const scaled = mul(q, 1 / Math.sqrt(size));
	const weigh = (logits: Value) => {
		const weighted = scale ? mul(logits, scale) : logits;
		return softmax(bias ? add(weighted, bias) : weighted);
	};
	if (heads === kvHeads) {
		const weights = weigh(matmul(scaled, transpose(k, [0, 1, 3, 2])));
		return { context: matmul(weights, v), weights };
	}
	// Grouped queries: the heads that share a key head become one longer list of queries.
	const group = heads / kvHeads;
	const grouped = reshape(scaled, [batch, kvHeads, product(group, query), size]);
	const weights = weigh(reshape(matmul(grouped, transpose(k, [0, 1, 3, 2])), [batch, heads, query, key]));
	const context = matmul(reshape(weights, [batch, kvHeads, product(group, query), key]), v);
	return { context: reshape(context, [batch, heads, query, size]), weights };
}
