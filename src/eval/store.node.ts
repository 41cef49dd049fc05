import { constants, createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DorsalError, InputError, UsageError } from '../base/errors.ts';
import { holdFolder } from '../base/hold.node.ts';
import { PART, replaceFile } from '../base/replace-file.node.ts';
import { diskFile } from '../tasks/score-files.node.ts';
import { type Run, type RunStore, runFrom } from './store.ts';
import { zipStore } from './zip-store.ts';

/** What a run's folder may hold before it has a manifest: leftovers of a start that was cut short. */
const isLeftover = (name: string) => name.endsWith(PART) || name === 'gallery';
/** Largest manifest.json, results.json or image that is read: far above any real one, below what would hurt. */
const MAX_FILE_BYTES = 256 * 2 ** 20;
/** Step in which the end of records.jsonl is searched for its last line break. */
const BLOCK_BYTES = 64 * 1024;

const REASONS: Record<string, string> = {
	ENOSPC: 'the disk is full',
	EDQUOT: 'the quota is used up',
	EFBIG: 'the file may not grow further',
	EACCES: 'permission denied',
	EPERM: 'permission denied',
	EROFS: 'the file system is read-only',
	ENOTDIR: 'a part of the path is a file',
	EEXIST: 'a part of the path is a file',
	EISDIR: 'it is a folder',
};

function codeOf(cause: unknown): string {
	return (cause as NodeJS.ErrnoException | null)?.code ?? 'unknown';
}

function failure(action: 'read' | 'write', path: string, cause: unknown): DorsalError {
	const code = codeOf(cause);
	const todo =
		action === 'write' ? '; what was recorded before is kept: put it right and give the same command again' : '';
	return new DorsalError(`${path}: cannot ${action} (${code}: ${REASONS[code] ?? 'input/output error'})${todo}`, {
		code: `run-${action}`,
		cause,
	});
}

const shared = (dir: string) =>
	new DorsalError(`${dir}: another process writes to this run; wait for it, stop it, or give another --out`, {
		code: 'run-shared',
	});

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
	for (let done = 0; done < bytes.length; ) {
		done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
	}
}

/** Length of the file up to and including its last line break. */
async function completeLength(handle: FileHandle): Promise<number> {
	const block = new Uint8Array(BLOCK_BYTES);
	let end = (await handle.stat()).size;
	while (end > 0) {
		const start = Math.max(0, end - BLOCK_BYTES);
		const { bytesRead } = await handle.read(block, 0, end - start, start);
		const last = block.subarray(0, bytesRead).lastIndexOf(10);
		if (last !== -1) return start + last + 1;
		end = start;
	}
	return 0;
}

function folderStore(dir: string, letGo = async () => {}): RunStore {
	const records = join(dir, 'records.jsonl');
	let appending: { handle: FileHandle; end: number } | undefined;
	/** Length of records.jsonl when it was read: more by the first append comes from another process. */
	let lengthRead: number | undefined;

	const openRecords = async () => {
		await mkdir(dir, { recursive: true });
		// Neither 'r+' nor 'a+': the file is made if need be, and written at a position of our own.
		const handle = await open(records, constants.O_RDWR | constants.O_CREAT);
		if (lengthRead !== undefined && (await handle.stat()).size !== lengthRead) {
			await handle.close();
			throw shared(dir);
		}
		const end = await completeLength(handle);
		await handle.truncate(end);
		appending = { handle, end };
		return appending;
	};

	return {
		location: dir,
		async read(name) {
			const path = join(dir, name);
			try {
				const { size } = await stat(path);
				if (size > MAX_FILE_BYTES) {
					throw new InputError(`${path}: has ${size} bytes, at most ${MAX_FILE_BYTES} are read`, { code: 'run-read' });
				}
				return await readFile(path);
			} catch (cause) {
				if (cause instanceof DorsalError) throw cause;
				if (codeOf(cause) === 'ENOENT' || codeOf(cause) === 'ENOTDIR') return null;
				throw failure('read', path, cause);
			}
		},
		async write(name, bytes) {
			const path = join(dir, name);
			try {
				await replaceFile(path, bytes, { durable: true });
			} catch (cause) {
				throw failure('write', path, cause);
			}
		},
		async *recordBytes() {
			let length = 0;
			try {
				for await (const piece of createReadStream(records) as AsyncIterable<Uint8Array>) {
					length += piece.length;
					yield piece;
				}
			} catch (cause) {
				if (codeOf(cause) !== 'ENOENT') throw failure('read', records, cause);
			}
			lengthRead = length;
		},
		async append(bytes) {
			try {
				const file = appending ?? (await openRecords());
				if ((await file.handle.stat()).size !== file.end) throw shared(dir);
				try {
					await writeAll(file.handle, bytes, file.end);
				} catch (cause) {
					await file.handle.truncate(file.end).catch(() => {});
					throw cause;
				}
				file.end += bytes.length;
			} catch (cause) {
				throw cause instanceof DorsalError ? cause : failure('write', records, cause);
			}
		},
		async sync() {
			try {
				await appending?.handle.sync();
			} catch (cause) {
				throw failure('write', records, cause);
			}
		},
		async close() {
			const file = appending;
			appending = undefined;
			lengthRead = undefined;
			await file?.handle.close();
			await letGo();
		},
	};
}

/**
 * The folder of a run, to write to: a new one, an empty one or one that holds a run (which `evaluate` goes on with).
 * Throws a UsageError where it holds anything else, and a DorsalError where another process has it open to write.
 */
export async function openRun(dir: string): Promise<RunStore> {
	let names: string[] = [];
	try {
		names = await readdir(dir);
	} catch (cause) {
		if (codeOf(cause) === 'ENOTDIR') {
			throw new UsageError(`${dir}: is a file; give a folder for the run`, { code: 'out', cause });
		}
		if (codeOf(cause) !== 'ENOENT') throw failure('read', dir, cause);
	}
	const foreign = names.includes('manifest.json') ? undefined : names.find((name) => !isLeftover(name));
	if (foreign !== undefined) {
		throw new UsageError(`${dir}: holds ${foreign} and no run; give a new folder`, { code: 'out' });
	}
	const letGo = await holdFolder(dir);
	if (letGo === null) throw shared(dir);
	return folderStore(dir, letGo);
}

/** Whether a path is that of a zipped run. */
export async function isZip(path: string): Promise<boolean> {
	if (!path.toLowerCase().endsWith('.zip')) return false;
	return (await stat(path).catch(() => null))?.isFile() ?? false;
}

/** Reads a run from its folder or from a `.zip` of it; never writes to either. */
export async function readRun(path: string): Promise<Run> {
	return runFrom((await isZip(path)) ? await zipStore(diskFile(path)) : folderStore(path));
}
