import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { InputError } from '../base/errors.ts';
import type { FileStore, WriteStore } from './checkpoint.ts';
import { checkPath, checkRange } from './paths.ts';

/** Files held in memory: what a browser was handed, or what is written to be downloaded. */
export interface MemoryStore extends FileStore, WriteStore {
	readonly files: Map<string, Uint8Array>;
}

/** A store over bytes in memory. `location` stands in messages; default `memory`. */
export function memoryStore(
	files: Iterable<readonly [string, Uint8Array]> = [],
	{ location = 'memory' }: { location?: string } = {},
): MemoryStore {
	const held = new Map(files);
	const get = (path: string) => {
		checkPath(location, path);
		const bytes = held.get(path);
		if (!bytes) throw new InputError(`${location}/${path}: not there`, { code: 'missing-file' });
		return bytes;
	};
	return {
		location,
		files: held,
		has: async (path) => held.has(path),
		size: async (path) => get(path).length,
		async read(path, start = 0, end = get(path).length) {
			const bytes = get(path);
			checkRange(`${location}/${path}`, start, end, bytes.length);
			return bytes.slice(start, end);
		},
		sha256: async (path) => bytesToHex(sha256(get(path))),
		async write(path, pieces) {
			checkPath(location, path);
			const parts: Uint8Array[] = [];
			for await (const piece of pieces) parts.push(piece.slice());
			const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
			let offset = 0;
			for (const part of parts) {
				whole.set(part, offset);
				offset += part.length;
			}
			held.set(path, whole);
		},
		async remove(path) {
			held.delete(path);
		},
		async close() {},
	};
}
