import { gemm, type Shape, type Value } from '../graph/index.ts';

/**
 * Where a network takes its numbers from: canonical tensor name and shape → value. Inference makes them weights of the
 * graph, training makes them inputs.
 */
export type Parameters = (name: string, shape: Shape) => Value;

/** y = x · Wᵀ + b, with W [out, in] as checkpoints store it: [tokens, in] → [tokens, out]. */
export function linear(p: Parameters, name: string, x: Value, out: number, { bias = true } = {}): Value {
	const w = p(`${name}.weight`, [out, x.shape[1]!]);
	return gemm(x, w, bias ? p(`${name}.bias`, [out]) : null, { transposeB: true });
}
