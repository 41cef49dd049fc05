import { emit, integers, shapeError } from '../graph.ts';
import { resolveAxis, sizeKey } from '../shape.ts';
import type { Dim, Operator, Shape, Value } from '../types.ts';

/**
 * The same values in another shape. Named sizes are worked out when the graph runs: [batch, 64, 192] → [batch*64, 192]
 * and back, [batch*sequence, 192] → [batch, sequence, 4, 48]; each name must be a size of one of the graph's inputs, or be
 * the only one that is not where the input had it.
 */
export function reshape(x: Value, shape: Shape): Value {
	if (sizeKey(x.shape) !== sizeKey(shape))
		throw shapeError('Reshape', [x], `[${shape}] holds another number of values`);
	const operator: Operator = { type: 'Reshape', infer: ([input]) => [{ dtype: input!.dtype, shape }] };
	return emit(x.graph, operator, [x, targetShape(x, shape)])[0]!;
}

/** The int64 [rank] operand of Reshape: 0 copies an axis, −1 is worked out by ORT, more names are read off graph inputs. */
function targetShape(x: Value, shape: Shape): Value {
	const open = shape.filter((dim, i) => typeof dim === 'string' && x.shape[i] !== dim);
	if (open.length <= 1) {
		return integers(
			x.graph,
			shape.map((dim, i) => (typeof dim === 'number' ? dim : x.shape[i] === dim ? 0 : -1)),
		);
	}
	return concat(
		shape.map((dim) => (typeof dim === 'number' ? integers(x.graph, [dim]) : dimOf(x, dim))),
		0,
	);
}

function dimOf(x: Value, dim: string): Value {
	const source = x.graph.inputs.find((value) => value.shape.includes(dim));
	if (!source) throw shapeError('Reshape', [x], `no input of the graph has a size named ${dim}`);
	const axis = source.shape.indexOf(dim);
	return slice(shapeOf(source), 0, axis, axis + 1);
}

/** Reshape to the run-time shape of `like`, whatever it is; the types must hold as many values. */
export function reshapeLike(x: Value, like: Value): Value {
	const operator: Operator = { type: 'Reshape', infer: ([input]) => [{ dtype: input!.dtype, shape: like.shape }] };
	return emit(x.graph, operator, [x, shapeOf(like)])[0]!;
}

const transposeOperator: Operator = {
	type: 'Transpose',
	infer: ([x], { perm }) => {
		const order = perm as readonly number[];
		const sorted = [...order].sort((a, b) => a - b);
		if (order.length !== x!.shape.length || sorted.some((axis, i) => axis !== i)) {
			throw shapeError('Transpose', [x!], `[${order}] is not an order of its axes`);
		}
		return [{ dtype: x!.dtype, shape: order.map((axis) => x!.shape[axis]!) }];
	},
};

/** Axis i of the result is axis order[i] of x. */
export const transpose = (x: Value, order: readonly number[]): Value =>
	emit(x.graph, transposeOperator, [x], { perm: order })[0]!;

/** Joins values along an axis. `dim` names the joined size where it cannot be worked out. */
export function concat(values: readonly Value[], axis: number, { dim }: { dim?: Dim } = {}): Value {
	const [first] = values;
	const at = resolveAxis(axis, first!.shape.length);
	const operator: Operator = {
		type: 'Concat',
		infer: (inputs) => {
			if (at === undefined) throw shapeError('Concat', inputs, `there is no axis ${axis}`);
			const sizes = inputs.map((value) => value!.shape[at]!);
			const rest = (shape: Shape) => shape.filter((_, i) => i !== at).join();
			if (inputs.some((value) => rest(value!.shape) !== rest(first!.shape) || value!.dtype !== first!.dtype)) {
				throw shapeError('Concat', inputs, `only axis ${axis} may differ`);
			}
			const known = sizes.every((size) => typeof size === 'number');
			const joined = known ? (sizes as number[]).reduce((a, b) => a + b, 0) : (dim ?? sizes.join('+'));
			return [{ dtype: first!.dtype, shape: first!.shape.map((size, i) => (i === at ? joined : size)) }];
		},
	};
	return emit(first!.graph, operator, values, { axis })[0]!;
}

/** x[start:end] along one axis. Indices may be numbers (negative from the end) or int64 values [1]; `dim` names the size. */
export function slice(x: Value, axis: number, start: number | Value, end: number | Value, dim?: Dim): Value {
	const { graph } = x;
	const operator: Operator = {
		type: 'Slice',
		infer: ([input]) => {
			const at = resolveAxis(axis, input!.shape.length);
			if (at === undefined) throw shapeError('Slice', [input!], `there is no axis ${axis}`);
			const size = dim ?? sliceSize(input!.shape[at]!, start, end);
			if (size === undefined) throw shapeError('Slice', [input!], 'the size of the result needs a name (dim)');
			return [{ dtype: input!.dtype, shape: input!.shape.map((old, i) => (i === at ? size : old)) }];
		},
	};
	const index = (value: number | Value) => (typeof value === 'number' ? integers(graph, [value]) : value);
	return emit(graph, operator, [x, index(start), index(end), integers(graph, [axis])])[0]!;
}

function sliceSize(size: Dim, start: number | Value, end: number | Value): number | undefined {
	if (typeof size !== 'number' || typeof start !== 'number' || typeof end !== 'number') return undefined;
	const clamp = (i: number) => Math.min(Math.max(i < 0 ? i + size : i, 0), size);
	return Math.max(clamp(end) - clamp(start), 0);
}

/** Cuts x along an axis into parts of the given sizes. */
export function split(x: Value, axis: number, sizes: readonly number[]): Value[] {
	const operator: Operator = {
		type: 'Split',
		infer: ([input]) => {
			const at = resolveAxis(axis, input!.shape.length);
			const total = sizes.reduce((a, b) => a + b, 0);
			if (at === undefined || input!.shape[at] !== total) {
				throw shapeError('Split', [input!], `the parts [${sizes}] do not make up axis ${axis}`);
			}
			return sizes.map((size) => ({
				dtype: input!.dtype,
				shape: input!.shape.map((old, i) => (i === at ? size : old)),
			}));
		},
	};
	return emit(x.graph, operator, [x, integers(x.graph, sizes)], { axis });
}

const unsqueezeOperator = (axes: readonly number[]): Operator => ({
	type: 'Unsqueeze',
	infer: ([x]) => {
		const shape: Dim[] = [...x!.shape];
		for (const axis of [...axes].sort((a, b) => a - b)) shape.splice(axis, 0, 1);
		return [{ dtype: x!.dtype, shape }];
	},
});

/** Inserts axes of size 1 at the given places of the result (not negative). */
export const unsqueeze = (x: Value, axes: readonly number[]): Value =>
	emit(x.graph, unsqueezeOperator(axes), [x, integers(x.graph, axes)])[0]!;

const squeezeOperator = (axes: readonly number[]): Operator => ({
	type: 'Squeeze',
	infer: ([x]) => {
		if (axes.some((axis) => x!.shape[axis] !== 1))
			throw shapeError('Squeeze', [x!], `axes [${axes}] are not all of size 1`);
		return [{ dtype: x!.dtype, shape: x!.shape.filter((_, i) => !axes.includes(i)) }];
	},
});

/** Removes axes of size 1 (not negative). */
export const squeeze = (x: Value, axes: readonly number[]): Value =>
	emit(x.graph, squeezeOperator(axes), [x, integers(x.graph, axes)])[0]!;

const shapeOperator: Operator = {
	type: 'Shape',
	infer: ([x]) => [{ dtype: 'int64', shape: [x!.shape.length] }],
};

/** The run-time shape as int64 [rank]. */
export const shapeOf = (x: Value): Value => emit(x.graph, shapeOperator, [x])[0]!;

/** x repeated to `shape`, given as an int64 [rank] value that has the sizes `dims` when the graph runs. */
export function expand(x: Value, shape: Value, dims: Shape): Value {
	const operator: Operator = { type: 'Expand', infer: ([input]) => [{ dtype: input!.dtype, shape: dims }] };
	return emit(x.graph, operator, [x, shape])[0]!;
}
