import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { FileStore } from './checkpoint.ts';

/** Files of a folder; those that are not there are left out. */
export type FileSet = readonly [store: FileStore, paths: readonly string[]];

async function digestsOf([store, paths]: FileSet): Promise<string> {
	const lines: string[] = [];
	for (const path of [...paths].sort()) {
		if (await store.has(path)) lines.push(`${await store.sha256(path)}  ${path}\n`);
	}
	return lines.join('');
}

/** sha256 over the names and digests of files, hex. */
export async function hashFiles(...sets: readonly FileSet[]): Promise<string> {
	const digests: string[] = [];
	for (const set of sets) digests.push(await digestsOf(set));
	return bytesToHex(sha256(utf8ToBytes(digests.join('\n'))));
}
