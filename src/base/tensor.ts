/** Dense tensors as plain data, row-major. The one form in which numbers pass between rooms. */

export interface TensorData {
	float32: Float32Array;
	/** Raw half-precision bits. */
	float16: Uint16Array;
	int64: BigInt64Array;
	int32: Int32Array;
	uint8: Uint8Array;
	bool: Uint8Array;
}

export type Dtype = keyof TensorData;

export interface Tensor<D extends Dtype = Dtype> {
	dtype: D;
	shape: readonly number[];
	data: TensorData[D];
}

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
	let size = 1;
	for (const dim of shape) size *= dim;
	return size;
}

/** A tensor over existing data; throws if the data has another length than the shape asks for. */
export function tensor<D extends Dtype>(dtype: D, shape: readonly number[], data: TensorData[D]): Tensor<D> {
	const size = sizeOf(shape);
	if (data.length !== size) throw new RangeError(`tensor [${shape}] needs ${size} values, got ${data.length}`);
	return { dtype, shape, data };
}

/** float32 tensor from numbers. */
export function float32(shape: readonly number[], values: ArrayLike<number>): Tensor<'float32'> {
	return tensor('float32', shape, values instanceof Float32Array ? values : Float32Array.from(values));
}

/** int64 tensor from numbers (all must be safe integers). */
export function int64(shape: readonly number[], values: ArrayLike<number>): Tensor<'int64'> {
	return tensor('int64', shape, BigInt64Array.from(values as ArrayLike<number> & Iterable<number>, BigInt));
}

/** Row `index` along the first axis, as a view on the same memory: [A, ...rest] → [...rest]. */
export function row<D extends Dtype>(t: Tensor<D>, index: number): Tensor<D> {
	const shape = t.shape.slice(1);
	const size = sizeOf(shape);
	return tensor(t.dtype, shape, t.data.subarray(index * size, (index + 1) * size) as TensorData[D]);
}

/** Joins tensors of equal trailing shape along the first axis: n × [Aᵢ, ...rest] → [ΣAᵢ, ...rest]. */
export function concatRows(parts: readonly Tensor<'float32'>[]): Tensor<'float32'> {
	const [first] = parts;
	if (!first) throw new RangeError('concatRows needs at least one tensor');
	const rest = first.shape.slice(1);
	const rows = parts.reduce((sum, part) => sum + part.shape[0]!, 0);
	const data = new Float32Array(rows * sizeOf(rest));
	let offset = 0;
	for (const part of parts) {
		data.set(part.data, offset);
		offset += part.data.length;
	}
	return tensor('float32', [rows, ...rest], data);
}
