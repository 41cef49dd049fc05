import { transpose } from '../ops/layout.ts';
import { gemm, matmul } from '../ops/matmul.ts';
import type { Value } from '../types.ts';
import { type Gradient, sumTo } from './gradient.ts';

/** The last two axes swapped. */
function swapped(x: Value): Value {
	const rank = x.shape.length;
	return transpose(x, [...Array.from({ length: rank - 2 }, (_, i) => i), rank - 1, rank - 2]);
}

export const matmulGradients: Record<string, Gradient> = {
	// y = a·b: da = dy·bᵀ, db = aᵀ·dy
	MatMul: ({ inputs }, [dy]) => {
		const [a, b] = inputs as [Value, Value];
		return [sumTo(matmul(dy!, swapped(b)), a.shape), sumTo(matmul(swapped(a), dy!), b.shape)];
	},
	Gemm: ({ inputs, attributes: { transA, transB } }, [dy]) => {
		const [a, b, c] = inputs as [Value, Value, Value | undefined];
		const [transposeA, transposeB] = [Boolean(transA), Boolean(transB)];
		const da = transposeA
			? gemm(b, dy!, null, { transposeA: transposeB, transposeB: true })
			: gemm(dy!, b, null, { transposeB: !transposeB });
		const db = transposeB
			? gemm(dy!, a, null, { transposeA: true, transposeB: transposeA })
			: gemm(a, dy!, null, { transposeA: !transposeA });
		return c ? [da, db, sumTo(dy!, c.shape)] : [da, db];
	},
};
