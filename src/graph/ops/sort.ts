import { emit, integers, shapeError } from '../graph.ts';
import { resolveAxis } from '../shape.ts';
import type { Operator, Value } from '../types.ts';

/** The k largest along an axis in falling order, and where they were (int64): [..., A, ...] → twice [..., k, ...]. */
export function topK(x: Value, k: number, axis = -1): { values: Value; indices: Value } {
	const operator: Operator = {
		type: 'TopK',
		infer: ([input]) => {
			const at = resolveAxis(axis, input!.shape.length);
			if (at === undefined) throw shapeError('TopK', [input!], `there is no axis ${axis}`);
			const size = input!.shape[at]!;
			if (typeof size === 'number' && k > size) throw shapeError('TopK', [input!], `${k} of ${size} cannot be taken`);
			const shape = input!.shape.map((dim, i) => (i === at ? k : dim));
			return [
				{ dtype: input!.dtype, shape },
				{ dtype: 'int64', shape },
			];
		},
	};
	const [values, indices] = emit(x.graph, operator, [x, integers(x.graph, [k])], { axis });
	return { values: values!, indices: indices! };
}
