import { statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError, UsageError } from '../base/errors.ts';
import { readTwoDs } from './2ds-data.ts';
import type { DataFile } from './score-file.ts';
import { diskFile } from './score-files.node.ts';
import type { Task } from './task.ts';

/** Where a folder has the benchmark, in order: as this program writes it, and as the paper's is published. */
const FILES = ['2ds.jsonl', '2ds.parquet', 'data/train-00000-of-00001.parquet', 'train-00000-of-00001.parquet'];
const TWIN_FILES = ['2ds-ventral.jsonl', '2ds-ventral.parquet'];

function fileIn(path: string, twin: boolean): string {
	if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return path;
	const names = twin ? TWIN_FILES : FILES;
	const found = names
		.map((name) => join(path, name))
		.find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
	if (found !== undefined) return found;
	throw new UsageError(`${path}: holds no ${names.slice(0, 2).join(' or ')}; name the file itself`, {
		code: 'no-data',
	});
}

function picture(folder: string, path: string): DataFile {
	const full = join(folder, path);
	if (!statSync(full, { throwIfNoEntry: false })?.isFile()) {
		throw new InputError(`${full}: no such image; is the folder of the benchmark complete?`, { code: 'missing-image' });
	}
	return diskFile(full);
}

/**
 * A written 2DS benchmark as a task: a folder made by `dorsal bench 2ds`, a `.jsonl` file beside its images, or a
 * `.parquet` file (the paper's as well).
 */
export async function openTwoDs(path: string, { twin = false }: { twin?: boolean } = {}): Promise<Task> {
	const file = fileIn(path, twin);
	const folder = dirname(file);
	return readTwoDs({
		file: diskFile(file),
		images: (image) => readFile(join(folder, image)),
		pictures: (paths) => paths.map((image) => picture(folder, image)),
		...(twin && { twin }),
	});
}
