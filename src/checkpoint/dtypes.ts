import type { Dtype, Tensor, TensorData } from '../base/tensor.ts';
import { tensor } from '../base/tensor.ts';
import { decodeBfloat16, decodeFloat16, encodeBfloat16, encodeFloat16 } from './half.ts';

interface Format {
	/** Bytes of one element. */
	size: number;
	/** What it is in memory: all floats become float32. */
	dtype: Dtype;
	decode(bytes: ArrayBuffer): TensorData[Dtype];
	encode(data: TensorData[Dtype]): ArrayBufferView;
}

const same = (data: TensorData[Dtype]) => data;

/**
 * Element types of safetensors that we read and write. The file is little-endian, and so is every platform that
 * JavaScript engines run on.
 */
export const FORMATS = {
	F32: { size: 4, dtype: 'float32', decode: (bytes) => new Float32Array(bytes), encode: same },
	F16: {
		size: 2,
		dtype: 'float32',
		decode: (bytes) => decodeFloat16(new Uint16Array(bytes)),
		encode: (data) => encodeFloat16(data as Float32Array),
	},
	BF16: {
		size: 2,
		dtype: 'float32',
		decode: (bytes) => decodeBfloat16(new Uint16Array(bytes)),
		encode: (data) => encodeBfloat16(data as Float32Array),
	},
	I64: { size: 8, dtype: 'int64', decode: (bytes) => new BigInt64Array(bytes), encode: same },
	I32: { size: 4, dtype: 'int32', decode: (bytes) => new Int32Array(bytes), encode: same },
	U8: { size: 1, dtype: 'uint8', decode: (bytes) => new Uint8Array(bytes), encode: same },
	BOOL: { size: 1, dtype: 'bool', decode: (bytes) => new Uint8Array(bytes), encode: same },
} satisfies Record<string, Format>;

/** Name of an element type in a safetensors header. */
export type StoredDtype = keyof typeof FORMATS;

/** The element types that weights may have. */
export type FloatDtype = 'F32' | 'F16' | 'BF16';

/** Bytes of a safetensors file → tensor. */
export function decodeTensor(stored: StoredDtype, shape: readonly number[], bytes: Uint8Array<ArrayBuffer>): Tensor {
	const { dtype, decode } = FORMATS[stored];
	// Typed arrays need an aligned start, which a view into a larger buffer may lack.
	const own = bytes.byteLength === bytes.buffer.byteLength ? bytes : bytes.slice();
	return tensor<Dtype>(dtype, shape, decode(own.buffer));
}

/** Tensor → bytes of a safetensors file. Throws if the tensor's own type does not fit the stored one. */
export function encodeTensor(stored: StoredDtype, { dtype, data }: Tensor): Uint8Array {
	const { dtype: expected, encode }: Format = FORMATS[stored];
	if (dtype !== expected) throw new TypeError(`${stored} is written from a ${expected} tensor, got ${dtype}`);
	const view = encode(data);
	return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
