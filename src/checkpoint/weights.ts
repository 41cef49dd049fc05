import { z } from 'zod';
import { InputError } from '../base/errors.ts';
import { show, validate } from '../base/json.ts';
import type { FileStore } from './checkpoint.ts';
import { readJson } from './json-file.ts';
import { canonicalName } from './names.ts';
import { readHeader, type TensorInfo } from './safetensors.ts';

/** A tensor and the file it lies in. */
export interface StoredTensor {
	store: FileStore;
	path: string;
	info: TensorInfo;
}

/** Tensors of a folder by canonical name, and the files they lie in. */
export interface Weights {
	tensors: Map<string, StoredTensor>;
	paths: string[];
}

export const SINGLE_FILE = 'model.safetensors';
export const INDEX_FILE = 'model.safetensors.index.json';

/** A model of 400 shards would be of 2 TB. */
const MAX_SHARDS = 400;

const indexSchema = z.looseObject({ weight_map: z.looseObject({}) });
/** A file of the folder, or of a folder beside it. */
const shardName = /^(\.\.\/\w[\w.-]*\/)?[\w.-]+\.safetensors$/;

async function shards(store: FileStore): Promise<Map<string, string>> {
	const where = `${store.location}/${INDEX_FILE}`;
	const json = await readJson(store, INDEX_FILE);
	const { weight_map } = validate(indexSchema, json, { where, code: 'safetensors-index' });
	const wrong = (message: string) => new InputError(`${where}: ${message}`, { code: 'safetensors-index' });
	const map = new Map<string, string>();
	for (const [name, path] of Object.entries(weight_map)) {
		if (typeof path !== 'string' || !shardName.test(path)) {
			throw wrong(`weight_map[${show(name)}]: expected the name of a .safetensors file, got ${show(path)}`);
		}
		map.set(name, path);
	}
	const count = new Set(map.values()).size;
	if (count > MAX_SHARDS) throw wrong(`${count} shards exceed the limit of ${MAX_SHARDS}`);
	return map;
}

async function noWeights(store: FileStore): Promise<InputError> {
	const pickled = (await store.has('pytorch_model.bin')) || (await store.has('pytorch_model.bin.index.json'));
	const reason = pickled
		? 'the weights are in pytorch_model.bin, which cannot be read safely; save the model as safetensors'
		: `neither ${SINGLE_FILE} nor ${INDEX_FILE} is there; is this a checkpoint folder?`;
	return new InputError(`${store.location}: ${reason}`, { code: 'no-weights' });
}

/**
 * Reads the headers of a folder's weights, single or sharded, and names the tensors canonically. Throws on a name that
 * fits no layout: a tensor that is silently left out would make another model.
 */
export async function openWeights(store: FileStore): Promise<Weights> {
	const single = await store.has(SINGLE_FILE);
	if (!single && !(await store.has(INDEX_FILE))) throw await noWeights(store);
	const index = single ? new Map<string, string>() : await shards(store);
	const paths = single ? [SINGLE_FILE] : [...new Set(index.values())].sort();
	const headers = await Promise.all(paths.map((path) => readHeader(store, path)));
	const tensors = new Map<string, StoredTensor>();
	for (const [i, header] of headers.entries()) {
		const path = paths[i]!;
		for (const [stored, info] of header) {
			const name = canonicalName(stored);
			if (name === null) continue;
			const wrong = (reason: string) =>
				new InputError(`${store.location}/${path}: tensor ${show(stored)} ${reason}`, { code: 'tensor-name' });
			if (name === undefined) throw wrong('belongs to no known layout of LLaVA; is this a LLaVA-1.5-style checkpoint?');
			if (tensors.has(name)) throw wrong(`is ${name}, which the files hold already`);
			tensors.set(name, { store, path, info });
		}
	}
	for (const [name, path] of index) {
		const i = paths.indexOf(path);
		if (headers[i]!.has(name)) continue;
		throw new InputError(`${store.location}/${path}: tensor ${show(name)} is missing, though ${INDEX_FILE} names it`, {
			code: 'missing-tensor',
		});
	}
	return { tensors, paths };
}
