import type { Dtype, Tensor } from '../base/tensor.ts';

/** A size: known, or a name that stands for the same unknown size wherever it occurs in one graph. */
export type Dim = number | string;
export type Shape = readonly Dim[];

export interface ValueType {
	dtype: Dtype;
	shape: Shape;
}

/** One tensor in a graph: an input, a weight, a constant or an operator's output. */
export interface Value extends ValueType {
	/** Changes only when the value is made an output. */
	name: string;
	readonly graph: Graph;
	/** The node that computes it; null for inputs, weights and constants. */
	readonly producer: Node | null;
}

export type Attribute = number | string | readonly number[] | { float: number };
/** Whole numbers are written as INT and lists as INTS; `{ float }` is written as FLOAT. */
export type Attributes = Readonly<Record<string, Attribute>>;

/** An ONNX operator: its name and what it does to dtypes and shapes. Its gradient stands in `gradients/`. */
export interface Operator {
	type: string;
	/** Empty for standard operators, `com.microsoft` for ORT's own. */
	domain?: 'com.microsoft';
	/** Types of the outputs, or throws through `shapeError`. Absent inputs are null. */
	infer(inputs: readonly (Value | null)[], attributes: Attributes): ValueType[];
}

export interface Node {
	operator: Operator;
	inputs: readonly (Value | null)[];
	outputs: readonly Value[];
	attributes: Attributes;
}

/** A graph under construction: plain lists, appended to by the operator functions. */
export interface Graph {
	readonly name: string;
	/** In topological order, as they were made. */
	readonly nodes: Node[];
	readonly inputs: Value[];
	readonly outputs: Value[];
	/** Values whose numbers are bound when a session is made, by name: the checkpoint's tensors. */
	readonly weights: Map<string, Value>;
	/** Small tensors written into the graph itself. */
	readonly constants: Map<string, { value: Value; tensor: Tensor }>;
	/** Every name in use, so that none is taken twice. */
	readonly names: Set<string>;
}
