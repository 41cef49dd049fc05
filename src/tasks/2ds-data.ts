import { z } from 'zod';
import { InputError, UsageError } from '../base/errors.ts';
import { show, validate } from '../base/json.ts';
import { QA_CATEGORIES } from '../bench2ds/questions.ts';
import { VENTRAL_CATEGORIES } from '../bench2ds/ventral.ts';
import { TITLE, type TwoDsItem, taskOfItems, VENTRAL_TITLE } from './2ds.ts';
import { baseName, type DataFile, hashFiles } from './score-file.ts';
import { recordsOf } from './score-json.ts';
import { parquetImages, parquetRecords } from './score-parquet.ts';
import type { Task } from './task.ts';

/** More records are no benchmark of this kind; they are refused before they fill the memory (CWE-770). */
const MAX_RECORDS = 200_000;

const text = z.string().min(1).max(10_000);
const id = z.union([text, z.number(), z.bigint()]).transform(String);

const recordSchema = z.object({
	entry_id: id,
	test_category: id,
	image_filename: text.optional(),
	objects: z.unknown().optional(),
	qa_pairs: z
		.array(
			z.object({
				qa_category: text,
				question: text,
				answer: text,
				form: text.nullish(),
				chance: z.number().min(0).max(1).nullish(),
				relation: text.nullish(),
				pair: text.nullish(),
				quad: text.nullish(),
			}),
		)
		.min(1),
});

const COLUMNS = ['entry_id', 'test_category', 'objects', 'qa_pairs'];

/** The number of objects of a record, else its category's name. */
function objectsOf({ objects, test_category }: z.infer<typeof recordSchema>): string {
	if (Array.isArray(objects) && objects.length > 0) return String(objects.length);
	return /^\D*(\d+)\D*$/.exec(test_category)?.[1] ?? test_category;
}

/** A picture's path inside the folder of the data: relative, and not out of it. */
function insidePath(path: string | undefined, where: string): string {
	if (path !== undefined && !/^[\\/]|^[a-z]:|(^|[\\/])\.\.([\\/]|$)|\0/i.test(path)) return path;
	throw new InputError(`${where}: image_filename: expected a path inside the folder, got ${show(path)}`, {
		code: '2ds-image',
	});
}

/** Whether questions are the ventral twin's, by their types; null where these are not ours. */
function isOfTwin(items: readonly TwoDsItem[]): boolean | null {
	const types = items[0]!.questions.map(({ qa_category }) => qa_category);
	if (types.some((type) => VENTRAL_CATEGORIES.includes(type))) return true;
	return types.some((type) => QA_CATEGORIES.includes(type)) ? false : null;
}

export interface TwoDsData {
	/** A `.jsonl` or `.parquet` file in the paper's schema. */
	file: DataFile;
	/** Bytes of an image by the path that a JSON line gives it. Without use for Parquet, which holds the images. */
	images(path: string): Promise<Uint8Array>;
	/** The pictures as files, to be hashed; empty for Parquet. */
	pictures?(paths: readonly string[]): readonly DataFile[];
	/** Whether it is the ventral twin. Default: whether the questions are its, else whether the name of the file says so. */
	twin?: boolean;
}

/**
 * A written benchmark (`2ds.jsonl` with its images, or Parquet), ours or the paper's, as a task. Fields of ours that
 * are missing (form, chance) are found from the answers. A broken line is named by its number (an InputError).
 */
export async function readTwoDs({ file, images, pictures, twin }: TwoDsData): Promise<Task> {
	const isParquet = file.name.toLowerCase().endsWith('.parquet');
	const records = isParquet ? parquetRecords(file, { columns: COLUMNS }) : recordsOf(file, { keys: ['entry_id'] });
	const items: TwoDsItem[] = [];
	/** Path or row of each image. */
	const places = new Map<string, string | number>();
	for await (const { line, value, broken } of records) {
		const where = isParquet ? `${file.name}: row ${line}` : `${file.name}:${line}`;
		if (broken !== undefined) throw new InputError(`${where}: not JSON (${broken})`, { code: '2ds-data' });
		const record = validate(recordSchema, value, { where, code: '2ds-data', hint: 'is this 2DS?' });
		const { entry_id, image_filename, qa_pairs } = record;
		if (places.has(entry_id)) {
			throw new InputError(`${where}: entry_id: ${show(entry_id)} is there twice`, { code: '2ds-data' });
		}
		if (items.length === MAX_RECORDS) {
			throw new InputError(`${where}: more than ${MAX_RECORDS} records; is this 2DS?`, { code: '2ds-data' });
		}
		places.set(entry_id, isParquet ? line - 1 : insidePath(image_filename, where));
		items.push({ id: entry_id, image: entry_id, objects: objectsOf(record), questions: qa_pairs });
	}
	if (items.length === 0) throw new UsageError(`${file.name}: holds no record of 2DS`, { code: 'no-data' });

	const found = isOfTwin(items);
	if (twin !== undefined && found !== null && found !== twin) {
		const [own, other] = twin ? ['2ds-ventral', '2ds'] : ['2ds', '2ds-ventral'];
		const type = show(items[0]!.questions[0]!.qa_category);
		throw new UsageError(
			`${file.name}: holds questions of ${other} (${type}), not of ${own}; give the file of ${own}, or ask for ${other}`,
			{ code: '2ds-twin' },
		);
	}
	const isTwin = twin ?? found ?? /ventral/i.test(baseName(file.name));
	const fromParquet = isParquet ? parquetImages(file, 'image_filename') : undefined;
	const paths = [...places.values()].filter((place) => typeof place === 'string');
	return taskOfItems(items, {
		name: isTwin ? '2ds-ventral' : '2ds',
		title: isTwin ? VENTRAL_TITLE : TITLE,
		facts: { images: items.length, data: baseName(file.name) },
		dataHash: await hashFiles([file, ...(pictures?.(paths) ?? [])]),
		async image(key) {
			const place = places.get(key);
			if (place === undefined) throw new RangeError(`${file.name} has no image ${show(key)}`);
			if (typeof place === 'string') return images(place);
			const bytes = await fromParquet!(place);
			if (bytes) return bytes;
			throw new InputError(`${file.name}: row ${place + 1}: image_filename: holds no image bytes`, {
				code: '2ds-image',
			});
		},
	});
}
