import { GraphError } from '../base/errors.ts';
import { type Dtype, float32, int64, type Tensor } from '../base/tensor.ts';
import { formatType } from './shape.ts';
import type { Attributes, Graph, Operator, Shape, Value, ValueType } from './types.ts';

/** An empty graph. `name` shows up in ORT's messages and in the exported file. */
export function createGraph(name: string): Graph {
	return {
		name,
		nodes: [],
		inputs: [],
		outputs: [],
		weights: new Map(),
		constants: new Map(),
		names: new Set(),
	};
}

function claim(graph: Graph, name: string): string {
	if (graph.names.has(name))
		throw new GraphError(`graph ${graph.name}: the name ${name} is taken`, { code: 'graph-name' });
	graph.names.add(name);
	return name;
}

/** A tensor that the caller feeds at each run. */
export function input(graph: Graph, name: string, dtype: Dtype, shape: Shape): Value {
	const value: Value = { name: claim(graph, name), dtype, shape, graph, producer: null };
	graph.inputs.push(value);
	return value;
}

/** A tensor that is bound when the session is made (external data under its own name). The same name gives the same value. */
export function weight(graph: Graph, name: string, shape: Shape, dtype: Dtype = 'float32'): Value {
	const known = graph.weights.get(name);
	if (known) {
		if (known.shape.join() !== shape.join()) {
			throw new GraphError(`graph ${graph.name}: weight ${name} is used as [${known.shape}] and as [${shape}]`, {
				code: 'graph-weight',
			});
		}
		return known;
	}
	const value: Value = { name: claim(graph, name), dtype, shape, graph, producer: null };
	graph.weights.set(name, value);
	return value;
}

/** A small tensor written into the graph. Equal constants are stored once. */
export function constant(graph: Graph, tensor: Tensor): Value {
	const name = `const:${tensor.dtype}[${tensor.shape}]${tensor.data.length <= 16 ? tensor.data.join() : `#${graph.constants.size}`}`;
	const known = graph.constants.get(name);
	if (known) return known.value;
	const value: Value = { name: claim(graph, name), dtype: tensor.dtype, shape: tensor.shape, graph, producer: null };
	graph.constants.set(name, { value, tensor });
	return value;
}

/** A float32 scalar constant. */
export const scalar = (graph: Graph, value: number): Value => constant(graph, float32([], [value]));

/** A one-dimensional int64 constant, the form in which ONNX takes axes, shapes and indices. */
export const integers = (graph: Graph, values: readonly number[]): Value =>
	constant(graph, int64([values.length], values));

/** Makes a value an output under `name`. Inputs, weights and values that are outputs already are copied for it. */
export function output(name: string, value: Value): void {
	const { graph } = value;
	if (value.name === name) {
		graph.outputs.push(value);
	} else if (value.producer && !graph.outputs.includes(value)) {
		claim(graph, name);
		graph.names.delete(value.name);
		value.name = name;
		graph.outputs.push(value);
	} else {
		graph.outputs.push(emit(graph, identity, [value], {}, [name])[0]!);
	}
}

const identity: Operator = { type: 'Identity', infer: ([x]) => [x!] };

/**
 * Appends a node and returns its outputs. Every operator function ends here. The graph is taken from the inputs where
 * they belong to one; a node over values of two graphs is an error.
 */
export function emit(
	graph: Graph,
	operator: Operator,
	inputs: readonly (Value | null)[],
	attributes: Attributes = {},
	names: readonly string[] = [],
): Value[] {
	for (const value of inputs) {
		if (value && value.graph !== graph) {
			throw new GraphError(`${operator.type}: ${value.name} belongs to graph ${value.graph.name}, not ${graph.name}`, {
				code: 'graph-mixed',
			});
		}
	}
	const types = operator.infer(inputs, attributes);
	const number = graph.nodes.length;
	const node = { operator, inputs, outputs: [] as Value[], attributes };
	types.forEach((type: ValueType, i) => {
		const name = claim(graph, names[i] ?? `${operator.type}_${number}${types.length > 1 ? `_${i}` : ''}`);
		node.outputs.push({ name, dtype: type.dtype, shape: type.shape, graph, producer: node });
	});
	graph.nodes.push(node);
	return node.outputs;
}

/** The error of an operator that cannot take these inputs: names it, the types and the reason. */
export function shapeError(operator: string, inputs: readonly (ValueType | null)[], reason: string): GraphError {
	return new GraphError(`${operator}(${inputs.map(formatType).join(', ')}): ${reason}`, { code: 'graph-shape' });
}
