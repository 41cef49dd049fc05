import { statSync } from 'node:fs';
import { access, type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DorsalError, InputError, UsageError } from '../base/errors.ts';
import { replaceFile } from '../base/replace-file.node.ts';
import { sha256File } from '../base/sha256-file.node.ts';
import type { FileStore, WriteStore } from './checkpoint.ts';
import { checkPath, checkRange } from './paths.ts';

/** One read call takes at most this much: the system call refuses 2 GiB and more. */
const READ_PIECE = 1 << 30;

async function readInto(handle: FileHandle, bytes: Uint8Array, start: number): Promise<number> {
	let filled = 0;
	while (filled < bytes.length) {
		const length = Math.min(READ_PIECE, bytes.length - filled);
		const { bytesRead } = await handle.read(bytes, filled, length, start + filled);
		if (bytesRead === 0) break;
		filled += bytesRead;
	}
	return filled;
}

function unreadable(where: string, cause: unknown): InputError {
	const { code } = cause as NodeJS.ErrnoException;
	if (code === 'ENOENT') return new InputError(`${where}: not there`, { code: 'missing-file', cause });
	return new InputError(`${where}: cannot be read (${code ?? cause})`, { code: 'unreadable-file', cause });
}

/** Reads files of a folder by position. Throws a UsageError if there is no such folder. */
export function folderStore(folder: string): FileStore {
	const stat = statSync(folder, { throwIfNoEntry: false });
	if (!stat) throw new UsageError(`${folder}: no such folder; give the folder of a checkpoint`, { code: 'no-folder' });
	if (!stat.isDirectory()) {
		throw new UsageError(`${folder}: is a file; give the folder of a checkpoint`, { code: 'no-folder' });
	}
	const handles = new Map<string, Promise<FileHandle>>();
	const handle = (path: string) => {
		checkPath(folder, path);
		const known = handles.get(path);
		if (known) return known;
		const opened = open(join(folder, path), 'r').catch((cause) => {
			handles.delete(path);
			throw unreadable(`${folder}/${path}`, cause);
		});
		handles.set(path, opened);
		return opened;
	};
	const size = async (path: string) => (await (await handle(path)).stat()).size;
	return {
		location: folder,
		async has(path) {
			checkPath(folder, path);
			return access(join(folder, path)).then(
				() => true,
				() => false,
			);
		},
		size,
		async read(path, start = 0, end) {
			const where = `${folder}/${path}`;
			const total = await size(path);
			const last = end ?? total;
			checkRange(where, start, last, total);
			const bytes = new Uint8Array(last - start);
			const filled = await readInto(await handle(path), bytes, start).catch((cause) => {
				throw unreadable(where, cause);
			});
			checkRange(where, start, last, start + filled);
			return bytes;
		},
		async sha256(path) {
			checkPath(folder, path);
			return sha256File(join(folder, path)).catch((cause) => {
				throw unreadable(`${folder}/${path}`, cause);
			});
		},
		async close() {
			const open = [...handles.values()];
			handles.clear();
			await Promise.all(open.map(async (opened) => (await opened).close()));
		},
	};
}

/** Writes files into a folder, which is made if need be. Each is there whole or as it was before. */
export function folderWriter(folder: string): WriteStore {
	return {
		location: folder,
		async write(path, pieces) {
			checkPath(folder, path);
			const target = join(folder, path);
			try {
				await replaceFile(target, pieces, { durable: true });
			} catch (cause) {
				if (!(cause instanceof Error && 'syscall' in cause)) throw cause;
				const { code } = cause as NodeJS.ErrnoException;
				const reason =
					code === 'ENOSPC' ? 'the disk is full; free some space and try again' : `cannot be written (${code})`;
				throw new DorsalError(`${target}: ${reason}`, { code: 'write', cause });
			}
		},
		async remove(path) {
			checkPath(folder, path);
			await rm(join(folder, path), { force: true });
		},
	};
}
