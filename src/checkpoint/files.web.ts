import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { InputError } from '../base/errors.ts';
import type { FileStore } from './checkpoint.ts';
import { checkPath, checkRange } from './paths.ts';

/**
 * Files up to this size are fetched whole, once, and kept: one request instead of one a tensor, and no need for a
 * server that knows Range. Larger ones are read by Range only, so that a tab never holds a shard of gigabytes.
 */
export const WHOLE_FILE_BYTES = 64 * 2 ** 20;

/** Size of the pieces that a large file is hashed in. */
const HASH_PIECE = 16 * 2 ** 20;

interface Remote {
	/** `undefined`: the server has no such file. */
	size: number | undefined;
	whole?: Promise<Uint8Array> | undefined;
}

/** Reads files below a base URL. `fetch` may be replaced, for tests or for requests that need headers. */
export function httpStore(
	baseUrl: string,
	{ fetch = globalThis.fetch }: { fetch?: typeof globalThis.fetch } = {},
): FileStore {
	const location = baseUrl.replace(/\/+$/, '');
	const remotes = new Map<string, Promise<Remote>>();

	const request = async (path: string, init: RequestInit): Promise<Response> => {
		checkPath(location, path);
		try {
			return await fetch(`${location}/${path.split('/').map(encodeURIComponent).join('/')}`, init);
		} catch (cause) {
			throw new InputError(`${location}/${path}: cannot be fetched; is the server there and does it allow this page?`, {
				code: 'fetch',
				cause,
			});
		}
	};
	const failed = (path: string, response: Response) =>
		new InputError(`${location}/${path}: the server answered ${response.status}`, { code: 'fetch' });

	const look = async (path: string): Promise<Remote> => {
		const response = await request(path, { method: 'HEAD' });
		// Development servers answer any unknown path with their index page.
		const isPage = response.headers.get('content-type')?.startsWith('text/html') ?? false;
		if (response.status === 404 || (response.ok && isPage)) return { size: undefined };
		if (!response.ok) throw failed(path, response);
		const length = response.headers.get('content-length');
		// Under a content encoding the length is that of the compressed bytes.
		if (length === null || response.headers.has('content-encoding')) {
			const whole = fetchWhole(path);
			return { size: (await whole).length, whole };
		}
		return { size: Number(length) };
	};
	const remote = (path: string): Promise<Remote> => {
		const known = remotes.get(path);
		if (known) return known;
		const looked = look(path).catch((cause) => {
			remotes.delete(path);
			throw cause;
		});
		remotes.set(path, looked);
		return looked;
	};
	const fetchWhole = async (path: string): Promise<Uint8Array> => {
		const response = await request(path, {});
		if (!response.ok) throw failed(path, response);
		return new Uint8Array(await response.arrayBuffer());
	};
	const fetchRange = async (path: string, start: number, end: number): Promise<Uint8Array> => {
		if (start === end) return new Uint8Array(0);
		const response = await request(path, { headers: { Range: `bytes=${start}-${end - 1}` } });
		if (response.status === 206) return new Uint8Array(await response.arrayBuffer());
		await response.body?.cancel();
		if (response.status !== 200) throw failed(path, response);
		throw new InputError(
			`${location}/${path}: the server ignores Range and the file is larger than ${WHOLE_FILE_BYTES / 2 ** 20} MiB; ` +
				'use a server that knows Range requests',
			{ code: 'no-range' },
		);
	};
	const found = async (path: string): Promise<Remote & { size: number }> => {
		const file = await remote(path);
		if (file.size === undefined) throw new InputError(`${location}/${path}: not there`, { code: 'missing-file' });
		return file as Remote & { size: number };
	};
	const read = async (path: string, start = 0, end?: number): Promise<Uint8Array> => {
		const file = await found(path);
		const last = end ?? file.size;
		checkRange(`${location}/${path}`, start, last, file.size);
		if (file.size > WHOLE_FILE_BYTES) {
			const bytes = await fetchRange(path, start, last);
			checkRange(`${location}/${path}`, start, last, start + bytes.length);
			return bytes;
		}
		file.whole ??= fetchWhole(path).catch((cause) => {
			file.whole = undefined;
			throw cause;
		});
		const whole = await file.whole;
		checkRange(`${location}/${path}`, start, last, whole.length);
		return whole.slice(start, last);
	};
	return {
		location,
		has: async (path) => (await remote(path)).size !== undefined,
		size: async (path) => (await found(path)).size,
		read,
		async sha256(path) {
			const { size } = await found(path);
			const hash = sha256.create();
			for (let start = 0; start < size; start += HASH_PIECE) {
				hash.update(await read(path, start, Math.min(size, start + HASH_PIECE)));
			}
			return bytesToHex(hash.digest());
		},
		async close() {
			remotes.clear();
		},
	};
}
