import { emit, integers } from '../graph.ts';
import { add, cast, mul } from '../ops/elementwise.ts';
import { reshape, shapeOf, slice } from '../ops/layout.ts';
import type { Graph, Node, Operator, Value } from '../types.ts';
import { addUp } from './gradient.ts';

/** The block that a node was made in, of those nodes that were made in one. */
const blocks = new WeakMap<Node, Block>();

/** Nodes whose results are not kept for the backward pass, in order. */
interface Block {
	nodes: readonly Node[];
	/** Every value of the block made anew, once the backward pass has reached it. */
	again: Map<Value, Value> | null;
}

/**
 * Marks the nodes that `build` makes: `gradients` keeps nothing of what they compute but what other nodes read, and computes
 * the rest anew when the backward pass comes to it. Costs one more forward pass of the block and saves its memory
 * (Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost"). The gradients are the same up to
 * rounding: ORT joins operators where it can, and with copies it can elsewhere.
 *
 * `when` false leaves the nodes unmarked.
 *
 * @example
 * const hidden = recomputed(graph, () => decoderLayer(x));
 */
export function recomputed<T>(graph: Graph, build: () => T, when = true): T {
	if (!when) return build();
	const start = graph.nodes.length;
	const built = build();
	const block: Block = { nodes: graph.nodes.slice(start), again: null };
	for (const node of block.nodes) blocks.set(node, block);
	return built;
}

/**
 * The node to differentiate in place of `node`: its copy, where it belongs to a block that is computed anew, else itself.
 * `known`: derivatives that the backward pass has come to by now.
 */
export function atBackward(node: Node, known: readonly Value[]): Node {
	const block = blocks.get(node);
	if (!block) return node;
	block.again ??= computeAgain(block.nodes, known);
	const of = (value: Value) => block.again!.get(value) ?? value;
	return { ...node, inputs: node.inputs.map((value) => value && of(value)), outputs: node.outputs.map(of) };
}

function computeAgain(nodes: readonly Node[], known: readonly Value[]): Map<Value, Value> {
	const { graph } = known[0]!;
	const own = new Set(nodes.flatMap(({ outputs }) => outputs));
	const again = new Map<Value, Value>();
	const zero = zeroAfter(known);
	const of = (value: Value): Value => {
		if (!again.has(value) && !own.has(value) && value.producer) again.set(value, after(value, zero));
		return again.get(value) ?? value;
	};
	for (const { operator, inputs, outputs, attributes } of nodes) {
		const copies = emit(
			graph,
			operator,
			inputs.map((value) => value && of(value)),
			attributes,
		);
		outputs.forEach((value, i) => {
			again.set(value, copies[i]!);
		});
	}
	return again;
}

/**
 * 0 as int64 [1], once all of `values` are there: a number of each, times 0. Not their sizes, which ORT may know
 * beforehand; and as whole numbers, since 0 · NaN is NaN.
 */
function zeroAfter(values: readonly Value[]): Value {
	const numbers = values.map((value) => cast(firstOf(value), 'int64'));
	return mul(addUp(numbers), integers(values[0]!.graph, [0]));
}

/** The first number of x: [1] */
const firstOf = (x: Value): Value => {
	const first = x.shape.reduce<Value>((part, _, axis) => slice(part, axis, 0, 1, 1), x); // [1, …, 1]
	return reshape(first, [1]);
};

/**
 * x, but not before `zero` is there. ONNX has no order of execution beyond what data demand: without this ORT would find
 * the copies equal to what it has computed already, and keep that. A Reshape to x's own shape copies nothing.
 */
function after(x: Value, zero: Value): Value {
	const operator: Operator = { type: 'Reshape', infer: ([value]) => [{ dtype: value!.dtype, shape: x.shape }] };
	return emit(x.graph, operator, [x, add(shapeOf(x), zero)])[0]!;
}
