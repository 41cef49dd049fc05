import { existsSync, readdirSync, statSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { InputError, UsageError } from '../base/errors.ts';
import { show } from '../base/json.ts';
import { zipEntries, zipFile } from '../base/zip.ts';
import { benchmarkOf, type ScoreRequest, type ScoreResult, scoreAnswers } from './score.ts';
import type { Benchmark } from './score-benchmark.ts';
import { baseName, type DataFile, memoryFile } from './score-file.ts';
import type { Task } from './task.ts';

/** A file of a disk. Throws a UsageError if there is none. */
export function diskFile(path: string): DataFile {
	const stat = statSync(path, { throwIfNoEntry: false });
	if (!stat) throw new UsageError(`${path}: no such file`, { code: 'no-file' });
	if (stat.isDirectory()) throw new UsageError(`${path}: is a folder, not a file`, { code: 'no-file' });
	if (!stat.isFile()) throw new UsageError(`${path}: is a pipe or a device; save it as a file`, { code: 'no-file' });
	return {
		name: path,
		size: stat.size,
		async read(start, end) {
			const bytes = new Uint8Array(end - start);
			const handle = await open(path, 'r');
			try {
				let filled = 0;
				while (filled < bytes.length) {
					const { bytesRead } = await handle.read(bytes, filled, bytes.length - filled, start + filled);
					if (bytesRead === 0) throw new InputError(`${path}: shrank while it was read`, { code: 'truncated' });
					filled += bytesRead;
				}
			} finally {
				await handle.close();
			}
			return bytes;
		},
	};
}

/** The data files that paths stand for: a file is itself, a folder its files that look like the benchmark's. */
export function dataFiles(benchmark: Benchmark, paths: readonly string[]): DataFile[] {
	return paths.flatMap((path) => {
		const stat = statSync(path, { throwIfNoEntry: false });
		if (!stat?.isDirectory()) return [diskFile(path)];
		const names = readdirSync(path)
			.sort()
			.filter((name) => benchmark.isData(name));
		if (names.length === 0) {
			throw new UsageError(`${path}: holds no data of ${benchmark.name}; name the file itself`, { code: 'no-data' });
		}
		return names.map((name) => diskFile(join(path, name)));
	});
}

export type ScoreFilesRequest = Omit<ScoreRequest, 'data' | 'answers'> & {
	/** Files or folders. */
	data: readonly string[];
	/** A file, the folder of a run, or a `.zip` of it. */
	answers: string;
};

/** Largest records of a zipped run, which are held as a whole: a million answers; a folder's are streamed. */
const MAX_ZIPPED_BYTES = 512 * 2 ** 20;

/** The records of the one run in an archive. */
async function zippedRecords(path: string): Promise<DataFile> {
	const source = diskFile(path);
	const entries = (await zipEntries(source)).filter(({ name }) => /^(?!__MACOSX\/)(.*\/)?records\.jsonl$/.test(name));
	const [entry, second] = entries;
	if (!entry || second) {
		throw new InputError(`${path}: holds ${entries.length} files records.jsonl; give the .zip of one run`, {
			code: 'zip',
		});
	}
	return memoryFile(`${path}/${entry.name}`, await zipFile(source, entry, { limit: MAX_ZIPPED_BYTES }));
}

async function answersFile(path: string): Promise<DataFile> {
	const isRun = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
	if (isRun) return diskFile(join(path, 'records.jsonl'));
	return path.toLowerCase().endsWith('.zip') ? zippedRecords(path) : diskFile(path);
}

/** `scoreAnswers` over paths. */
export async function scoreFiles({ data, answers, ...request }: ScoreFilesRequest): Promise<ScoreResult> {
	return scoreAnswers({
		...request,
		data: dataFiles(benchmarkOf(request.task), data),
		answers: await answersFile(answers),
	});
}

/** Names that an image may have, given what the data call it: VQA names COCO photos by number. */
function namesOf(image: string): string[] {
	if (!/^\d+$/.test(image)) return [image];
	const padded = image.padStart(12, '0');
	const parts = ['val2014', 'train2014', 'test2014', 'test2015'];
	return [`${padded}.jpg`, ...parts.map((part) => `COCO_${part}_${padded}.jpg`), `${image}.jpg`];
}

/** Finds images below a folder: by path, by any end of it, else by name alone if only one file has it. */
export function imageFinder(folder: string): (image: string) => string | null {
	const paths = new Map<string, string[]>();
	for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
		const name = baseName(path);
		paths.set(name, [...(paths.get(name) ?? []), path]);
	}
	return (image) => {
		for (const name of namesOf(image)) {
			const found = paths.get(baseName(name)) ?? [];
			const parts = name.split('/');
			for (let i = 0; i < parts.length; i++) {
				const end = `/${parts.slice(i).join('/')}`;
				const fitting = found.filter((path) => `/${path.replaceAll('\\', '/')}`.endsWith(end));
				if (fitting.length === 1) return join(folder, fitting[0]!);
			}
		}
		return null;
	};
}

export interface OpenTaskOptions {
	/** The benchmark's files, or folders that hold them. */
	data: readonly string[];
	/** Folder of the images; default: the folder of the data. Without use where the data hold the images. */
	images?: string;
	/** Name of the prompt's wording. */
	prompt?: string;
	/** Whether the task is to be asked; if not, its images need not be there. Default true. */
	asked?: boolean;
}

/** A standard benchmark as a task, from paths. Throws an InputError that counts the images that are not there. */
export async function openTask(name: string, { data, images, prompt, asked = true }: OpenTaskOptions): Promise<Task> {
	const benchmark = benchmarkOf(name);
	const files = dataFiles(benchmark, data);
	const first = data[0]!;
	const folder = images ?? (statSync(first).isDirectory() ? first : dirname(first));
	if (!existsSync(folder)) throw new UsageError(`${folder}: no such folder of images`, { code: 'no-folder' });
	const inData = files.some((file) => file.name.toLowerCase().endsWith('.parquet'));
	const find = inData || !asked ? () => null : imageFinder(folder);
	const task = await benchmark.task({
		files,
		images: async (image) => {
			const path = find(image);
			if (path === null) throw new InputError(`${folder}: no image ${show(image)}`, { code: 'missing-image' });
			return readFile(path);
		},
		...(prompt !== undefined && { prompt }),
	});
	if (!inData && asked) {
		const wanted = [...new Set(task.questions.map(({ image }) => image))];
		const missing = wanted.filter((image) => find(image) === null);
		if (missing.length > 0) {
			throw new InputError(
				`${folder}: ${missing.length} of the ${wanted.length} images of ${name} ${missing.length === 1 ? 'is' : 'are'} not there (first: ${show(missing[0])}); ` +
					'give the folder of the images with --images',
				{ code: 'missing-image' },
			);
		}
	}
	return task;
}
