import { z } from 'zod';
import { InputError } from '../../base/errors.ts';
import { validate } from '../../base/json.ts';
import type { DataFile } from '../score-file.ts';
import type { ScoredQuestion } from '../score-pairing.ts';
import { rowsOf } from '../score-rows.ts';

export interface CvBenchQuestion extends ScoredQuestion {
	/** `idx` of the file, unique over both halves. */
	id: string;
	/** The bare question, without the choices. */
	text: string;
	/** Question and choices, as published. */
	prompt: string;
	type: '2D' | '3D';
	/** Count, Relation, Depth or Distance. */
	task: string;
	source: 'ADE20K' | 'COCO' | 'Omni3D';
	choices: string[];
	/** Letter of the right choice. */
	letter: string;
	/** Path of the image below `img/`; null where the file holds the image itself. */
	filename: string | null;
	/** Place in its file, from 0, and the file: where the image is, if the file holds it. */
	row: number;
	file: DataFile;
}

const schema = z.object({
	idx: z.union([z.int(), z.string(), z.bigint()], { error: 'expected a whole number or text' }),
	type: z.enum(['2D', '3D']),
	task: z.string(),
	question: z.string(),
	choices: z
		.array(z.union([z.string(), z.number()]))
		.min(2)
		.max(26),
	answer: z.string().regex(/^\(?[A-Z]\)?$/, { error: 'expected a letter, such as (A)' }),
	prompt: z.string(),
	source: z.enum(['ADE20K', 'COCO', 'Omni3D']),
	filename: z.string().nullish(),
});

const COLUMNS = Object.keys(schema.shape);

/** Questions of CV-Bench: `test_2d.jsonl`, `test_3d.jsonl`, or the Parquet files, one or both halves. */
export async function* readCvBench(files: readonly DataFile[]): AsyncGenerator<CvBenchQuestion> {
	for (const file of files) {
		let row = 0;
		for await (const { line, value, broken } of rowsOf(file, { columns: COLUMNS, keys: ['idx'] })) {
			const where = `${file.name}:${line}`;
			if (broken !== undefined) throw new InputError(`${where}: ${broken}`, { code: 'cv-bench-data' });
			const hint = 'is it a CV-Bench file?';
			const read = validate(schema, value, { where, code: 'cv-bench-data', hint });
			const letter = read.answer.replace(/[()]/g, '');
			if (letter.charCodeAt(0) - 65 >= read.choices.length) {
				throw new InputError(`${where}: answer: ${letter}, but there are ${read.choices.length} choices; ${hint}`, {
					code: 'cv-bench-data',
				});
			}
			yield {
				id: String(read.idx),
				text: read.question,
				needed: true,
				prompt: read.prompt,
				type: read.type,
				task: read.task,
				source: read.source,
				choices: read.choices.map(String),
				letter,
				filename: read.filename ?? null,
				row: row++,
				file,
			};
		}
	}
}
