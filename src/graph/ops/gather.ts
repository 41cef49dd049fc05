import { emit, shapeError } from '../graph.ts';
import { resolveAxis } from '../shape.ts';
import type { Operator, Value } from '../types.ts';

const gatherOperator = (axis: number): Operator => ({
	type: 'Gather',
	infer: ([x, indices]) => {
		const at = resolveAxis(axis, x!.shape.length);
		if (at === undefined) throw shapeError('Gather', [x!, indices!], `there is no axis ${axis}`);
		return [{ dtype: x!.dtype, shape: [...x!.shape.slice(0, at), ...indices!.shape, ...x!.shape.slice(at + 1)] }];
	},
});

/** Picks entries along an axis: [..., A, ...] and indices [I...] → [..., I..., ...]. */
export const gather = (x: Value, indices: Value, axis = 0): Value =>
	emit(x.graph, gatherOperator(axis), [x, indices], { axis })[0]!;

const gatherElementsOperator: Operator = {
	type: 'GatherElements',
	infer: ([x, indices]) => {
		if (x!.shape.length !== indices!.shape.length)
			throw shapeError('GatherElements', [x!, indices!], 'the ranks differ');
		return [{ dtype: x!.dtype, shape: indices!.shape }];
	},
};

/** One entry along `axis` for every index: the result has the shape of `indices`. */
export const gatherElements = (x: Value, indices: Value, axis: number): Value =>
	emit(x.graph, gatherElementsOperator, [x, indices], { axis })[0]!;

const gatherNdOperator = (batchDims: number): Operator => ({
	type: 'GatherND',
	infer: ([x, indices]) => {
		const depth = indices!.shape.at(-1);
		if (typeof depth !== 'number')
			throw shapeError('GatherND', [x!, indices!], 'the last size of the indices must be known');
		return [{ dtype: x!.dtype, shape: [...indices!.shape.slice(0, -1), ...x!.shape.slice(batchDims + depth)] }];
	},
});

/** Picks by index tuples: x [A, B, ...rest], indices [N, 2] → [N, ...rest]. */
export const gatherNd = (x: Value, indices: Value, { batchDims = 0 }: { batchDims?: number } = {}): Value =>
	emit(x.graph, gatherNdOperator(batchDims), [x, indices], { batch_dims: batchDims })[0]!;
