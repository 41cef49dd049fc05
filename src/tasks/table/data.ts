import { z } from 'zod';
import { InputError } from '../../base/errors.ts';
import { show, validate } from '../../base/json.ts';
import { letterOf, wholeOption } from '../score-choice.ts';
import type { DataFile } from '../score-file.ts';
import type { ScoredQuestion } from '../score-pairing.ts';
import { rowsOf } from '../score-rows.ts';

export interface TableQuestion extends ScoredQuestion {
	/** The row's `id`, else its place from 0. */
	id: string;
	text: string;
	/** Name of the image; null where the file holds the image itself, or the row has none. */
	image: string | null;
	/** The right answer; with choices, the letter of the right one. */
	answer: string;
	choices: string[] | null;
	category: string;
	/** Place in the file, from 0. */
	row: number;
}

const text = z.union([z.string(), z.number(), z.bigint(), z.boolean()], { error: 'expected text' }).transform(String);
const schema = z.object({
	id: text.nullish(),
	question_id: text.nullish(),
	image: z.unknown().optional(),
	question: z.string().min(1),
	answer: text,
	choices: z.union([z.string(), z.array(text)], { error: 'expected a list' }).nullish(),
	category: text.nullish(),
});

const COLUMNS = Object.keys(schema.shape);

/** Columns that are read of a Parquet file; images are fetched one at a time, when they are asked for. */
const TEXT_COLUMNS = COLUMNS.filter((column) => column !== 'image');

/** Choices as a list, as a JSON list in a cell, or with `|` between them. None for an empty cell. */
function choicesOf(cell: string | string[] | null | undefined, where: string): string[] | null {
	if (cell === null || cell === undefined) return null;
	const list = Array.isArray(cell) ? cell : cell.trim().startsWith('[') ? listOf(cell, where) : cell.split('|');
	const choices = list.map((choice) => choice.trim()).filter((choice) => choice !== '');
	if (choices.length === 0) return null;
	if (choices.length === 1 || choices.length > 26) {
		throw new InputError(`${where}: choices: ${choices.length}; expected 2 to 26, in a list or with | between them`, {
			code: 'table-data',
		});
	}
	return choices;
}

function listOf(cell: string, where: string): string[] {
	try {
		return validate(z.array(text), JSON.parse(cell), { where: `${where}: choices`, code: 'table-data' });
	} catch (cause) {
		if (cause instanceof InputError) throw cause;
		throw new InputError(`${where}: choices: ${show(cell)} is no list; write ["left","right"] or left|right`, {
			code: 'table-data',
			cause,
		});
	}
}

/** Rows of any table with the columns image, question, answer and, if wanted, choices, id and category. */
export async function* readTable(files: readonly DataFile[]): AsyncGenerator<TableQuestion> {
	const [file, second] = files;
	if (!file || second) throw new InputError('table: give one file at a time', { code: 'table-data' });
	const isParquet = file.name.toLowerCase().endsWith('.parquet');
	let row = 0;
	for await (const record of rowsOf(file, { columns: TEXT_COLUMNS, keys: COLUMNS })) {
		const where = `${file.name}:${record.line}`;
		if (record.broken !== undefined) throw new InputError(`${where}: ${record.broken}`, { code: 'table-data' });
		const hint = 'a table has the columns image, question and answer';
		const read = validate(schema, record.value, { where, code: 'table-data', hint });
		const choices = choicesOf(read.choices, where);
		const image = read.image ?? null;
		if (image !== null && typeof image !== 'string') {
			throw new InputError(`${where}: image: expected a file name, got ${show(image)}`, { code: 'table-data' });
		}
		let answer = read.answer;
		if (choices) {
			const place = choices.indexOf(answer.trim());
			const value = place >= 0 ? letterOf(place) : wholeOption(answer, choices).value;
			if (value === null) {
				throw new InputError(`${where}: answer: ${show(answer)} is none of the choices ${show(choices)}`, {
					code: 'table-data',
				});
			}
			answer = value;
		}
		yield {
			id: read.id ?? read.question_id ?? String(row),
			text: read.question,
			needed: true,
			image: isParquet ? null : image,
			answer,
			choices,
			category: read.category ?? 'all',
			row: row++,
		};
	}
}

/** Letters and choices as lines: `(A) left`. */
export function choiceLines(choices: readonly string[]): string {
	return choices.map((choice, i) => `(${letterOf(i)}) ${choice}`).join('\n');
}
