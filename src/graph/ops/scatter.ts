import { emit, shapeError } from '../graph.ts';
import type { Operator, Value } from '../types.ts';

const scatterNdOperator: Operator = {
	type: 'ScatterND',
	infer: ([data, indices, updates]) => {
		const depth = indices!.shape.at(-1);
		if (typeof depth !== 'number' || depth > data!.shape.length) {
			throw shapeError('ScatterND', [data!, indices!, updates!], 'the last size of the indices must be known and fit');
		}
		return [{ dtype: data!.dtype, shape: data!.shape }];
	},
};

/** data with updates added at index tuples: data [A, ...rest], indices [N, 1], updates [N, ...rest] → [A, ...rest] */
export const scatterNdAdd = (data: Value, indices: Value, updates: Value): Value =>
	emit(data.graph, scatterNdOperator, [data, indices, updates], { reduction: 'add' })[0]!;

const scatterElementsOperator: Operator = {
	type: 'ScatterElements',
	infer: ([data, indices, updates]) => {
		if (indices!.shape.join() !== updates!.shape.join()) {
			throw shapeError('ScatterElements', [data!, indices!, updates!], 'indices and updates differ in shape');
		}
		return [{ dtype: data!.dtype, shape: data!.shape }];
	},
};

/** data with updates added along `axis`, one index an update; the opposite of gatherElements. */
export const scatterElementsAdd = (data: Value, indices: Value, updates: Value, axis: number): Value =>
	emit(data.graph, scatterElementsOperator, [data, indices, updates], { axis, reduction: 'add' })[0]!;
