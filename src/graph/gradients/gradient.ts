import { add, type Operand } from '../ops/elementwise.ts';
import { reshape } from '../ops/layout.ts';
import { reduceSum } from '../ops/reduce.ts';
import type { Node, Shape, Value } from '../types.ts';

/**
 * The gradient of one operator: from the node and the loss's derivatives with respect to its outputs (null where the
 * loss does not depend on one) to those with respect to its inputs (null where there is none, as for indices).
 */
export type Gradient = (node: Node, outputGradients: readonly (Value | null)[]) => readonly (Value | null)[];

/** Sums a derivative over the axes that broadcasting had repeated, back to `shape`. */
export function sumTo(gradient: Value, shape: Shape): Value {
	const extra = gradient.shape.length - shape.length;
	const axes = gradient.shape.flatMap((dim, i) => {
		const own = i < extra ? undefined : shape[i - extra];
		return own === undefined || (own === 1 && dim !== 1) ? [i] : [];
	});
	if (axes.length === 0) return gradient;
	const kept = axes.filter((axis) => axis >= extra);
	const summed = reduceSum(gradient, axes, { keepDims: kept.length > 0 });
	return kept.length > 0 && extra > 0 ? reshape(summed, shape) : summed;
}

/** The sum of derivatives that reach one value on several ways. */
export const addUp = (terms: readonly Value[]): Value => terms.reduce((a, b) => add(a, b as Operand));
