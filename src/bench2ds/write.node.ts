import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DorsalError, UsageError } from '../base/errors.ts';
import { replaceFile } from '../base/replace-file.node.ts';
import type { Bench } from './bench.ts';
import { benchRecords, toJsonl, ventralRecords } from './record.ts';
import { benchFiles } from './write.ts';

export interface WriteBenchOptions {
	/** Stops between two files; what is written stays, and the next call goes on from there. */
	signal?: AbortSignal;
	onProgress?: (progress: { done: number; total: number }) => void;
}

/** Files beside the images: two of JSON lines, two of Parquet, the card. */
const BESIDES = 5;

async function refuseOther(dir: string, bench: Bench): Promise<void> {
	const expected = { '2ds.jsonl': benchRecords(bench), '2ds-ventral.jsonl': ventralRecords(bench) };
	for (const [name, records] of Object.entries(expected)) {
		const path = join(dir, name);
		if (existsSync(path) && (await readFile(path, 'utf8')) !== toJsonl(records)) {
			throw new UsageError(`${path}: belongs to a benchmark of other options; give another --out`, {
				code: 'out-other',
			});
		}
	}
	const readme = join(dir, 'README.md');
	if (existsSync(readme) && !existsSync(join(dir, '2ds.jsonl'))) {
		throw new UsageError(`${readme}: is not of this benchmark and would be lost; give another --out`, {
			code: 'out-other',
		});
	}
}

async function write(path: string, bytes: Uint8Array): Promise<void> {
	try {
		await replaceFile(path, bytes);
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message.replace(/\s+/g, ' ') : String(cause);
		throw new DorsalError(`${path}: cannot be written (${reason}); is the disk full?`, { code: 'write', cause });
	}
}

/**
 * Writes a benchmark to a folder: `2ds.jsonl`, `2ds-ventral.jsonl`, `images/`, Parquet and README.md. Throws a
 * UsageError where the folder holds another benchmark. Files that are there are written anew, with the same bytes.
 */
export async function writeBench(
	bench: Bench,
	dir: string,
	{ signal, onProgress }: WriteBenchOptions = {},
): Promise<void> {
	await refuseOther(dir, bench);
	try {
		await mkdir(join(dir, 'images'), { recursive: true });
	} catch (cause) {
		throw new UsageError(`${dir}: cannot be made a folder; give another --out`, { code: 'out-folder', cause });
	}
	const total = bench.entries.length + BESIDES;
	let done = 0;
	for (const { path, bytes } of benchFiles(bench)) {
		signal?.throwIfAborted();
		await write(join(dir, path), bytes);
		onProgress?.({ done: ++done, total });
	}
}
