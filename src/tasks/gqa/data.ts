import { z } from 'zod';
import { InputError } from '../../base/errors.ts';
import { validate } from '../../base/json.ts';
import { baseName, type DataFile } from '../score-file.ts';
import { idSchema, recordsOf } from '../score-json.ts';
import type { ScoredQuestion } from '../score-pairing.ts';
import { split } from '../score-python.ts';

export interface GqaQuestion extends ScoredQuestion {
	/** Unique over the whole of GQA. */
	id: string;
	text: string;
	imageId: string;
	answer: string;
	/** Only balanced questions are scored; the others serve consistency. */
	balanced: boolean;
	structural: string;
	semantic: string;
	detailed: string;
	/** Number of reasoning steps, and of words. */
	steps: number;
	words: number;
	/** Group of answers that are compared as distributions; null for questions in none. */
	group: string | null;
	/** Ids of questions whose answers follow from this one. */
	entailed: string[];
}

const schema = z.object({
	question: z.string(),
	imageId: z.string(),
	answer: z.string(),
	isBalanced: z.boolean(),
	types: z.object({ structural: z.string(), semantic: z.string(), detailed: z.string() }),
	semantic: z.array(z.object({ operation: z.string(), argument: z.string() })),
	groups: z.object({ global: z.string().nullable() }),
	entailed: z.array(z.string()).default([]),
});

/** Steps that ask without reasoning: the official count leaves them out. */
const ASKING = ['exist', 'query: name', 'choose name'];

function stepsOf(semantic: readonly { operation: string; argument: string }[]): number {
	return semantic.filter(
		({ operation, argument }) => !ASKING.some((asking) => `${operation}: ${argument}`.includes(asking)),
	).length;
}

/** Whether a file is one of choices, by its name (not its folder's). */
export const isChoices = (file: DataFile): boolean => baseName(file.name).includes('choices');

/** GQA question files: one object by id, as published, or records with an `id`, streamed. */
export async function* readGqa(files: readonly DataFile[]): AsyncGenerator<GqaQuestion> {
	for (const file of files) {
		for await (const { line, key, value, broken } of recordsOf(file, {
			dict: true,
			keys: ['question', 'isBalanced'],
		})) {
			const where = `${file.name}:${line}`;
			if (broken !== undefined) throw new InputError(`${where}: not JSON (${broken})`, { code: 'gqa-data' });
			const hint = 'is it a GQA question file?';
			const row = validate(schema, value, { where, code: 'gqa-data', hint });
			const own = (value as { id?: unknown }).id;
			const id = key ?? String(validate(idSchema, own, { where: `${where}: id`, code: 'gqa-data', hint }));
			yield {
				id,
				text: row.question,
				needed: row.isBalanced,
				imageId: row.imageId,
				answer: row.answer,
				balanced: row.isBalanced,
				...row.types,
				steps: stepsOf(row.semantic),
				words: split(row.question).length,
				group: row.groups.global,
				entailed: row.entailed.filter((other) => other !== id),
			};
		}
	}
}
