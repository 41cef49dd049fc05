import { float32 } from '../../base/tensor.ts';
import { constant } from '../graph.ts';
import { cast, div, equal, mul } from '../ops/elementwise.ts';
import { expand, reshape, shapeOf } from '../ops/layout.ts';
import { reduceSum } from '../ops/reduce.ts';
import { resolveAxis } from '../shape.ts';
import type { Dim, Node, Value } from '../types.ts';
import type { Gradient } from './gradient.ts';

/** The reduced axes, read back from the shapes' constant operand. */
function reducedAxes({ inputs }: Node): number[] {
	const [x, axes] = inputs as [Value, Value];
	const { data } = x.graph.constants.get(axes.name)!.tensor;
	return Array.from(data as BigInt64Array, (axis) => resolveAxis(Number(axis), x.shape.length)!);
}

/** y with the reduced axes back as size 1. */
function kept(node: Node, y: Value): Value {
	const x = node.inputs[0]!;
	if (node.attributes.keepdims === 1) return y;
	const axes = reducedAxes(node);
	return reshape(
		y,
		x.shape.map((dim, i): Dim => (axes.includes(i) ? 1 : dim)),
	);
}

const spread = (node: Node, dy: Value): Value =>
	expand(kept(node, dy), shapeOf(node.inputs[0]!), node.inputs[0]!.shape);

export const reduceGradients: Record<string, Gradient> = {
	ReduceSum: (node, [dy]) => [spread(node, dy!), null],
	ReduceMean: (node, [dy]) => {
		const x = node.inputs[0]!;
		const one = constant(x.graph, float32([], [1]));
		const count = reduceSum(expand(one, shapeOf(x), x.shape), reducedAxes(node), { keepDims: true });
		return [div(spread(node, dy!), count), null];
	},
	// ‖x‖: x / ‖x‖
	ReduceL2: (node, [dy]) => {
		const x = node.inputs[0]!;
		return [mul(x, div(kept(node, dy!), kept(node, node.outputs[0]!))), null];
	},
	// The largest; several equal ones each get the whole derivative's share.
	ReduceMax: (node, [dy]) => {
		const x = node.inputs[0]!;
		const hit = cast(equal(x, kept(node, node.outputs[0]!)), 'float32');
		const share = div(hit, reduceSum(hit, reducedAxes(node), { keepDims: true }));
		return [mul(share, kept(node, dy!)), null];
	},
};
