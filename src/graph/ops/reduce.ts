import { emit, integers, shapeError } from '../graph.ts';
import { resolveAxis } from '../shape.ts';
import type { Operator, Value } from '../types.ts';

export interface ReduceOptions {
	/** Keeps reduced axes with size 1. Default false. */
	keepDims?: boolean;
}

function reduce(type: string) {
	return (x: Value, axes: readonly number[], { keepDims = false }: ReduceOptions = {}): Value => {
		const operator: Operator = {
			type,
			infer: ([input]) => {
				const at = axes.map((axis) => resolveAxis(axis, input!.shape.length));
				if (at.includes(undefined)) throw shapeError(type, [input!], `it lacks one of the axes [${axes}]`);
				const shape = keepDims
					? input!.shape.map((dim, i) => (at.includes(i) ? 1 : dim))
					: input!.shape.filter((_, i) => !at.includes(i));
				return [{ dtype: input!.dtype, shape }];
			},
		};
		return emit(x.graph, operator, [x, integers(x.graph, axes)], { keepdims: keepDims ? 1 : 0 })[0]!;
	};
}

/** Σ over axes. */
export const reduceSum = reduce('ReduceSum');
/** Mean over axes. */
export const reduceMean = reduce('ReduceMean');
/** Largest over axes. */
export const reduceMax = reduce('ReduceMax');
/** Euclidean norm over axes. */
export const reduceL2 = reduce('ReduceL2');

const argMaxOperator = (axis: number): Operator => ({
	type: 'ArgMax',
	infer: ([x]) => {
		const at = resolveAxis(axis, x!.shape.length);
		if (at === undefined) throw shapeError('ArgMax', [x!], `there is no axis ${axis}`);
		return [{ dtype: 'int64', shape: x!.shape.filter((_, i) => i !== at) }];
	},
});

/** Index of the largest along one axis, the first where several are equal: int64 without that axis. */
export const argMax = (x: Value, axis: number): Value =>
	emit(x.graph, argMaxOperator(axis), [x], { axis, keepdims: 0 })[0]!;
