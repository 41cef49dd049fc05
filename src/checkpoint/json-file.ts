import { InputError } from '../base/errors.ts';
import { parseJson } from '../base/json.ts';
import type { FileStore } from './checkpoint.ts';

/** The largest tokenizers have some 30 MB; configurations, templates and indices of shards a few kB to 10 MB. */
const MAX_FILE_BYTES = 64 * 2 ** 20;

/** Reads a small file of a checkpoint; null where there is none. Refuses one of more than 64 MiB unread. */
export async function readSmallFile(store: FileStore, path: string): Promise<Uint8Array | null> {
	if (!(await store.has(path))) return null;
	const size = await store.size(path);
	if (size <= MAX_FILE_BYTES) return store.read(path);
	throw new InputError(
		`${store.location}/${path}: ${size} bytes exceed the limit of ${MAX_FILE_BYTES} for such a file`,
		{
			code: 'too-large',
		},
	);
}

/** Reads a JSON file of a checkpoint; null where there is none. */
export async function readJson(store: FileStore, path: string): Promise<unknown> {
	const bytes = await readSmallFile(store, path);
	return bytes && parseJson(bytes, `${store.location}/${path}`);
}
