import { float32 } from '../../base/tensor.ts';
import { constant, emit, integers } from '../graph.ts';
import { add, less, sub, where } from '../ops/elementwise.ts';
import { concat, expand, reshapeLike, shapeOf, slice, transpose } from '../ops/layout.ts';
import { resolveAxis } from '../shape.ts';
import type { Node, Operator, Value } from '../types.ts';
import { type Gradient, sumTo } from './gradient.ts';

const likeInput: Gradient = ({ inputs }, [dy]) => [reshapeLike(dy!, inputs[0]!), null];

/** Zeros of a value's run-time shape. */
export const zerosLike = (x: Value): Value => expand(constant(x.graph, float32([], [0])), shapeOf(x), x.shape);

/** A run-time size as int64 [1]. */
const sizeOf = (x: Value, axis: number): Value => slice(shapeOf(x), 0, axis, axis + 1);

/** Pieces of dy along an axis, one for each input of Concat. */
const concatGradient: Gradient = ({ inputs, attributes }, [dy]) => {
	const [first] = inputs;
	const axis = resolveAxis(attributes.axis as number, first!.shape.length)!;
	const sizes = concat(
		inputs.map((x) => sizeOf(x!, axis)),
		0,
	);
	const operator: Operator = {
		type: 'Split',
		infer: () => inputs.map((x) => ({ dtype: x!.dtype, shape: x!.shape })),
	};
	return emit(dy!.graph, operator, [dy!, sizes], { axis });
};

/** dy put back where it was cut out, zeros around it, by ONNX's Pad. */
function sliceGradient({ inputs, outputs }: Node, [dy]: readonly (Value | null)[]): (Value | null)[] {
	const [x, start, , axes] = inputs as [Value, Value, Value, Value];
	const { graph } = x;
	const axis = x.shape.findIndex((dim, i) => dim !== outputs[0]!.shape[i]);
	if (axis < 0) return [dy!, null, null, null];
	// Wherever the slice began, counted from the front: a negative start is made positive by adding the size.
	const size = sizeOf(x, axis);
	const before = where(less(start, integers(graph, [0])), add(start, size), start);
	const after = sub(sub(size, before), sizeOf(outputs[0]!, axis));
	const pad: Operator = { type: 'Pad', infer: () => [{ dtype: x.dtype, shape: x.shape }] };
	const zeroValue = constant(graph, float32([], [0]));
	return [emit(graph, pad, [dy!, concat([before, after], 0), zeroValue, axes])[0]!, null, null, null];
}

export const layoutGradients: Record<string, Gradient> = {
	Reshape: likeInput,
	Squeeze: likeInput,
	Unsqueeze: likeInput,
	Transpose: ({ attributes }, [dy]) => {
		const order = attributes.perm as readonly number[];
		return [
			transpose(
				dy!,
				order.map((_, i) => order.indexOf(i)),
			),
		];
	},
	Concat: concatGradient,
	Slice: sliceGradient,
	// Parts that the loss does not depend on count as zeros.
	Split: ({ outputs, attributes }, gradients) => [
		concat(
			outputs.map((part, i) => gradients[i] ?? zerosLike(part)),
			attributes.axis as number,
		),
		null,
	],
	Expand: ({ inputs }, [dy]) => [sumTo(dy!, inputs[0]!.shape), null],
	Shape: () => [null],
};
