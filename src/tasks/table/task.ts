import { InputError } from '../../base/errors.ts';
import { baseName } from '../score-file.ts';
import { parquetImages } from '../score-parquet.ts';
import { buildTask, LETTER, type TaskInput } from '../score-task.ts';
import type { Task } from '../task.ts';
import { choiceLines, readTable } from './data.ts';
import { readAny, readWhole } from './rule.ts';

/**
 * A table to be asked: the question as it stands, with its choices below it and a request for the letter where it has
 * any (wording `letter`), or the choices alone (`plain`). Images by name, or from the column of a Parquet file.
 */
export function tableTask(input: TaskInput): Promise<Task> {
	const [file] = input.files;
	const isParquet = file?.name.toLowerCase().endsWith('.parquet') ?? false;
	const rows = new Map<string, number>();
	const imageOfRow = file && isParquet ? parquetImages(file) : null;
	return buildTask(input, {
		name: 'table',
		title: file ? baseName(file.name) : 'table',
		questions: readTable(input.files),
		wordings: {
			letter: ({ text, choices }) => (choices ? `${text}\n${choiceLines(choices)}${LETTER}` : text),
			plain: ({ text, choices }) => (choices ? `${text}\n${choiceLines(choices)}` : text),
		},
		describe({ image, answer, category, choices, row }) {
			if (image === null && !isParquet) {
				throw new InputError(`${file!.name}: row ${row + 1} names no image; it cannot be asked`, {
					code: 'missing-image',
				});
			}
			const key = image ?? `row-${row}`;
			rows.set(key, row);
			return {
				image: key,
				answer,
				category,
				chance: choices ? 1 / choices.length : 0,
				...(choices && { choices }),
				groups: {},
			};
		},
		strict: readWhole,
		lenient: readAny,
		async image(key) {
			if (!imageOfRow) return input.images(key);
			const bytes = await imageOfRow(rows.get(key)!);
			if (bytes) return bytes;
			throw new InputError(`${file!.name}: ${key} has no image in the column "image"`, { code: 'missing-image' });
		},
	});
}
