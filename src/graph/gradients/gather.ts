import { GraphError } from '../../base/errors.ts';
import { reshape, transpose } from '../ops/layout.ts';
import { scatterElementsAdd, scatterNdAdd } from '../ops/scatter.ts';
import { product, resolveAxis } from '../shape.ts';
import type { Value } from '../types.ts';
import type { Gradient } from './gradient.ts';
import { zerosLike } from './layout.ts';

/** Adds every picked entry's derivative to the entry it came from; the picked axis is brought to the front for it. */
const gather: Gradient = ({ inputs, attributes }, [dy]) => {
	const [x, indices] = inputs as [Value, Value];
	const axis = resolveAxis(attributes.axis as number, x.shape.length)!;
	const rank = x.shape.length;
	const picked = indices.shape.length;
	const front = [axis, ...range(rank).filter((i) => i !== axis)];
	const dyFront = [
		...range(picked).map((i) => axis + i),
		...range(rank - 1 + picked).filter((i) => i < axis || i >= axis + picked),
	];
	const rest = front.slice(1).map((i) => x.shape[i]!);
	const count = product(...indices.shape);
	const updates = reshape(axis === 0 ? dy! : transpose(dy!, dyFront), [count, ...rest]);
	const places = reshape(indices, [count, 1]);
	if (axis === 0) return [scatterNdAdd(zerosLike(x), places, updates), null];
	const summed = scatterNdAdd(zerosLike(transpose(x, front)), places, updates);
	return [
		transpose(
			summed,
			range(rank).map((i) => front.indexOf(i)),
		),
		null,
	];
};

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

export const gatherGradients: Record<string, Gradient> = {
	Gather: gather,
	GatherElements: ({ inputs, attributes }, [dy]) => {
		const [x, indices] = inputs as [Value, Value];
		return [scatterElementsAdd(zerosLike(x), indices, dy!, attributes.axis as number), null];
	},
	GatherND: ({ inputs, attributes }, [dy]) => {
		const [x, indices] = inputs as [Value, Value];
		if (attributes.batch_dims !== 0) {
			throw new GraphError('GatherND: there is no gradient for batch dimensions; use gatherElements', {
				code: 'graph-gradient',
			});
		}
		return [scatterNdAdd(zerosLike(x), indices, dy!), null];
	},
};
