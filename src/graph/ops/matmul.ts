import { emit, shapeError } from '../graph.ts';
import { broadcast } from '../shape.ts';
import type { Attributes, Operator, Value } from '../types.ts';

const matmulOperator: Operator = {
	type: 'MatMul',
	infer: ([a, b]) => {
		const [m, k] = a!.shape.slice(-2);
		const [k2, n] = b!.shape.slice(-2);
		const batch = broadcast(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
		if (a!.shape.length < 2 || b!.shape.length < 2) throw shapeError('MatMul', [a!, b!], 'both need two axes or more');
		if (k !== k2) throw shapeError('MatMul', [a!, b!], `the inner sizes ${k} and ${k2} differ`);
		if (!batch) throw shapeError('MatMul', [a!, b!], 'the leading axes do not broadcast');
		return [{ dtype: a!.dtype, shape: [...batch, m!, n!] }];
	},
};

/** a · b over the last two axes: [..., M, K] × [..., K, N] → [..., M, N]. */
export const matmul = (a: Value, b: Value): Value => emit(a.graph, matmulOperator, [a, b])[0]!;

const gemmOperator: Operator = {
	type: 'Gemm',
	infer: ([a, b, c], { transA, transB }) => {
		if (a!.shape.length !== 2 || b!.shape.length !== 2)
			throw shapeError('Gemm', [a!, b!], 'both need exactly two axes');
		const [m, k] = transA ? [a!.shape[1]!, a!.shape[0]!] : [a!.shape[0]!, a!.shape[1]!];
		const [k2, n] = transB ? [b!.shape[1]!, b!.shape[0]!] : [b!.shape[0]!, b!.shape[1]!];
		if (k !== k2) throw shapeError('Gemm', [a!, b!], `the inner sizes ${k} and ${k2} differ`);
		const shape = [m, n];
		if (c && broadcast(shape, c.shape)?.join() !== shape.join()) {
			throw shapeError('Gemm', [a!, b!, c], `the third does not broadcast to [${shape}]`);
		}
		return [{ dtype: a!.dtype, shape }];
	},
};

/** a · b + c for matrices: [M, K] × [K, N] + broadcast c → [M, N]; `transposeB` takes b as [N, K], as checkpoints do. */
export function gemm(
	a: Value,
	b: Value,
	c: Value | null = null,
	{ transposeA = false, transposeB = false }: { transposeA?: boolean; transposeB?: boolean } = {},
): Value {
	const attributes: Attributes = { ...(transposeA && { transA: 1 }), ...(transposeB && { transB: 1 }) };
	return emit(a.graph, gemmOperator, c ? [a, b, c] : [a, b], attributes)[0]!;
}
