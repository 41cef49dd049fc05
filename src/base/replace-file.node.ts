import { mkdir, open, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Ending of a file that is being written; one that is found was left by a process that was killed. */
export const PART = '.part';

export interface ReplaceOptions {
	/** Whether the bytes are on the disk before the file takes its place, so that a power cut leaves one or the other. */
	durable?: boolean;
}

/**
 * Writes a file beside its place and moves it there: whatever happens, it is whole or as it was before. Its folder is
 * made if need be. What the file system refuses is thrown as Node gives it, for the caller to put into words.
 */
export async function replaceFile(
	file: string,
	content: string | Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
	{ durable = false }: ReplaceOptions = {},
): Promise<void> {
	const part = file + PART;
	try {
		await mkdir(dirname(file), { recursive: true });
		const handle = await open(part, 'w');
		try {
			await writeFile(handle, content);
			if (durable) await handle.sync();
		} finally {
			await handle.close();
		}
		await rename(part, file);
	} catch (error) {
		await rm(part, { force: true }).catch(() => {});
		throw error;
	}
}
