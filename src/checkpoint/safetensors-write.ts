import { InputError } from '../base/errors.ts';
import { show } from '../base/json.ts';
import { sizeOf, type Tensor } from '../base/tensor.ts';
import type { WriteStore } from './checkpoint.ts';
import { encodeTensor, FORMATS, type StoredDtype } from './dtypes.ts';

/** From here on a float32 rounds to infinity in binary16. */
const F16_OVERFLOW = 65520;

/** A tensor to be written; `read` is called when its turn comes, so that one tensor at a time is in memory. */
export interface TensorEntry {
	name: string;
	dtype: StoredDtype;
	shape: readonly number[];
	read(): Tensor | Promise<Tensor>;
}

/** Bytes that an entry takes in the file. */
export function entryBytes({ dtype, shape }: Pick<TensorEntry, 'dtype' | 'shape'>): number {
	return sizeOf(shape) * FORMATS[dtype].size;
}

function headerBytes(entries: readonly TensorEntry[], metadata: Record<string, string>): Uint8Array {
	const members: [string, unknown][] = [['__metadata__', metadata]];
	let offset = 0;
	for (const entry of entries) {
		const end = offset + entryBytes(entry);
		members.push([entry.name, { dtype: entry.dtype, shape: entry.shape, data_offsets: [offset, end] }]);
		offset = end;
	}
	const json = new TextEncoder().encode(JSON.stringify(Object.fromEntries(members)));
	// Padded with spaces, so that the data start aligned.
	const length = Math.ceil(json.length / 8) * 8;
	const bytes = new Uint8Array(8 + length).fill(0x20);
	new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
	bytes.set(json, 8);
	return bytes;
}

function refuseOverflow(name: string, dtype: StoredDtype, { data }: Tensor): void {
	if (dtype !== 'F16') return;
	const value = (data as Float32Array).find((x) => Math.abs(x) >= F16_OVERFLOW && Number.isFinite(x));
	if (value === undefined) return;
	throw new InputError(`tensor ${show(name)} holds ${value}, too large for F16; write BF16 or F32`, {
		code: 'overflow',
	});
}

async function* pieces(entries: readonly TensorEntry[], metadata: Record<string, string>): AsyncGenerator<Uint8Array> {
	yield headerBytes(entries, metadata);
	for (const { name, dtype, shape, read } of entries) {
		const tensor = await read();
		if (tensor.data.length !== sizeOf(shape)) {
			throw new RangeError(`tensor ${name} was announced as [${shape}], got [${tensor.shape}]`);
		}
		refuseOverflow(name, dtype, tensor);
		yield encodeTensor(dtype, tensor);
	}
}

/**
 * Writes one safetensors file. Wide elements come first, which keeps every tensor aligned; among equals the given
 * order stays. Floats are rounded to nearest even. `metadata` defaults to `{ format: 'pt' }`, which transformers asks for.
 */
export async function writeSafetensors(
	out: WriteStore,
	path: string,
	entries: readonly TensorEntry[],
	{ metadata = { format: 'pt' } }: { metadata?: Record<string, string> } = {},
): Promise<void> {
	const sorted = [...entries].sort((a, b) => FORMATS[b.dtype].size - FORMATS[a.dtype].size);
	await out.write(path, pieces(sorted, metadata));
}
