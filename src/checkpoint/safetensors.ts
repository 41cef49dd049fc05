import { z } from 'zod';
import { InputError } from '../base/errors.ts';
import { parseJson, show, validate } from '../base/json.ts';
import type { Tensor } from '../base/tensor.ts';
import type { FileStore } from './checkpoint.ts';
import { decodeTensor, FORMATS, type StoredDtype } from './dtypes.ts';

/** Refused unread beyond this (CWE-770): a 7B LLaVA has 0.1 MB of header, MAX_TENSORS of 160 bytes each have 16 MB. */
export const MAX_HEADER_BYTES = 16 * 2 ** 20;
/** A 7B LLaVA has 700 tensors in all its shards; the largest mixtures of experts have some 50,000. */
export const MAX_TENSORS = 100_000;
/** Weights have four at most, and so do attention maps; be generous. */
export const MAX_DIMS = 8;

/** Bytes in front of the header that give its length. */
const PREFIX = 8;

/** Where a tensor lies in its file. */
export interface TensorInfo {
	dtype: StoredDtype;
	shape: readonly number[];
	/** First byte, counted from the start of the file. */
	start: number;
	/** The byte after the last. */
	end: number;
}

const dtypes = Object.keys(FORMATS) as StoredDtype[];
const natural = z.int().nonnegative();
const entrySchema = z.strictObject({
	dtype: z.enum(dtypes, { error: `only ${dtypes.join(', ')} can be read` }),
	// Length first: a million wrong elements would be a million reports.
	shape: z.array(z.unknown()).max(MAX_DIMS).pipe(z.array(natural)),
	data_offsets: z.tuple([natural, natural]),
});

/** Members of all objects in valid JSON text: its colons outside of strings. */
function countMembers(json: string): number {
	let count = 0;
	let inString = false;
	for (let i = 0; i < json.length; i++) {
		const c = json[i];
		if (c === '"') inString = !inString;
		else if (inString && c === '\\') i++;
		else if (!inString && c === ':') count++;
	}
	return count;
}

/** JSON.parse keeps the last of two equal keys; two readers that differ there would see two different files. */
function refuseDuplicates(where: string, text: string, header: Record<string, object>): void {
	const entries = Object.values(header);
	const kept = entries.reduce((sum, entry) => sum + Object.keys(entry).length, entries.length);
	if (countMembers(text) !== kept) {
		throw new InputError(`${where}: the header names a tensor or a field twice`, { code: 'safetensors-duplicate' });
	}
}

function checkMetadata(where: string, metadata: unknown): void {
	if (metadata === undefined) return;
	const isObject = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata);
	if (isObject && Object.values(metadata).every((value) => typeof value === 'string')) return;
	throw new InputError(`${where}: __metadata__: expected an object of texts, got ${show(metadata)}`, {
		code: 'safetensors-header',
	});
}

/** Tensors must fill the data without gap or overlap, as the reference reader demands. */
function checkLayout(
	where: string,
	tensors: ReadonlyMap<string, TensorInfo>,
	dataStart: number,
	fileSize: number,
): void {
	const sorted = [...tensors].sort(([, a], [, b]) => a.start - b.start || a.end - b.end);
	let [previous, filled] = ['the header', dataStart];
	for (const [name, { start, end }] of sorted) {
		const offset = (reason: string) =>
			new InputError(`${where}: tensor ${show(name)} ${reason}`, { code: 'safetensors-offset' });
		if (end > fileSize) {
			throw offset(`ends at byte ${end}, but the file has ${fileSize}; is the file complete?`);
		}
		if (start < filled) throw offset(`starts at byte ${start}, inside ${previous}, which ends at ${filled}`);
		if (start > filled) throw offset(`starts at byte ${start}, but ${previous} ends at ${filled}`);
		[previous, filled] = [`tensor ${show(name)}`, end];
	}
	if (filled < fileSize) {
		throw new InputError(`${where}: the last ${fileSize - filled} bytes belong to no tensor; is the file damaged?`, {
			code: 'safetensors-offset',
		});
	}
}

/**
 * Parses the JSON header of a safetensors file of `fileSize` bytes and believes none of it: element types, shapes,
 * offsets and lengths are all checked against each other and the file.
 */
export function parseHeader(
	bytes: Uint8Array,
	{ where, fileSize }: { where: string; fileSize: number },
): Map<string, TensorInfo> {
	const code = 'safetensors-header';
	const json = parseJson(bytes, `${where}: header`);
	validate(z.looseObject({}), json, { where: `${where}: header`, code });
	const raw = json as Record<string, unknown>;
	const names = Object.keys(raw).filter((name) => name !== '__metadata__');
	if (names.length > MAX_TENSORS) {
		throw new InputError(`${where}: ${names.length} tensors exceed the limit of ${MAX_TENSORS}`, { code });
	}
	checkMetadata(where, raw.__metadata__);
	const dataStart = PREFIX + bytes.length;
	const tensors = new Map<string, TensorInfo>();
	for (const name of names) {
		const at = `${where}: tensor ${show(name)}`;
		const { dtype, shape, data_offsets } = validate(entrySchema, raw[name], { where: at, code });
		const [start, end] = data_offsets;
		const needed = shape.reduce((product, dim) => product * dim, FORMATS[dtype].size);
		if (end - start !== needed) {
			throw new InputError(`${at}: ${dtype} [${shape}] takes ${needed} bytes, but its offsets span ${end - start}`, {
				code: 'safetensors-offset',
			});
		}
		tensors.set(name, { dtype, shape, start: dataStart + start, end: dataStart + end });
	}
	refuseDuplicates(where, new TextDecoder().decode(bytes), raw as Record<string, object>);
	checkLayout(where, tensors, dataStart, fileSize);
	return tensors;
}

/** Reads the header of a safetensors file: names and places of its tensors, in the header's order. */
export async function readHeader(store: FileStore, path: string): Promise<Map<string, TensorInfo>> {
	const where = `${store.location}/${path}`;
	const fileSize = await store.size(path);
	if (fileSize < PREFIX) {
		throw new InputError(`${where}: ${fileSize} bytes are too few for a safetensors file; is the file complete?`, {
			code: 'safetensors-header',
		});
	}
	const prefix = await store.read(path, 0, PREFIX);
	const length = Number(new DataView(prefix.buffer, prefix.byteOffset).getBigUint64(0, true));
	const wrong = (reason: string) => new InputError(`${where}: ${reason}`, { code: 'safetensors-header' });
	if (length > MAX_HEADER_BYTES) {
		throw wrong(`a header of ${length} bytes exceeds the limit of ${MAX_HEADER_BYTES}; is this a safetensors file?`);
	}
	if (PREFIX + length > fileSize) {
		throw wrong(`the header should have ${length} bytes, but the file has ${fileSize}; is the file complete?`);
	}
	return parseHeader(await store.read(path, PREFIX, PREFIX + length), { where, fileSize });
}

/** Reads one tensor by its offset. F16 and BF16 are widened to float32. */
export async function readTensor(store: FileStore, path: string, info: TensorInfo): Promise<Tensor> {
	const bytes = await store.read(path, info.start, info.end);
	return decodeTensor(info.dtype, info.shape, bytes as Uint8Array<ArrayBuffer>);
}

/** Reads all tensors of a safetensors file, one at a time; F16 and BF16 are widened to float32. */
export async function readTensors(store: FileStore, path: string): Promise<Map<string, Tensor>> {
	const tensors = new Map<string, Tensor>();
	for (const [name, info] of await readHeader(store, path)) tensors.set(name, await readTensor(store, path, info));
	return tensors;
}
