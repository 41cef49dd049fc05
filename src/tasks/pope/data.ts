import { z } from 'zod';
import { InputError, UsageError } from '../../base/errors.ts';
import { validate } from '../../base/json.ts';
import { baseName, type DataFile } from '../score-file.ts';
import { idSchema, recordsOf } from '../score-json.ts';
import type { ScoredQuestion } from '../score-pairing.ts';
import type { YesNo } from './rule.ts';

export interface PopeQuestion extends ScoredQuestion {
	/** `popular/17`: the ids of the files are unique only within a category. */
	id: string;
	category: string;
	text: string;
	image: string;
	label: YesNo;
}

const schema = z.object({
	question_id: idSchema,
	image: z.string(),
	text: z.string(),
	label: z.enum(['yes', 'no']),
});

export const CATEGORIES = ['random', 'popular', 'adversarial'] as const;

/** Category of a POPE file, from its name: `coco_pope_popular.json` is `popular`; else the name itself. */
function categoryOf(file: DataFile): string {
	const name = baseName(file.name);
	return CATEGORIES.find((category) => name.includes(category)) ?? name.replace(/\.jsonl?$/, '');
}

/** Categories of POPE's files. Throws if two are of one. */
export function categoriesOf(files: readonly DataFile[]): string[] {
	const categories = files.map(categoryOf);
	const twice = categories.find((category, i) => categories.indexOf(category) !== i);
	if (twice === undefined) return categories;
	throw new UsageError(`POPE: two files of the category ${twice}; give each once`, { code: 'pope-category' });
}

/** Questions of POPE's files, one or more of its categories. */
export async function* readPope(files: readonly DataFile[]): AsyncGenerator<PopeQuestion> {
	const categories = categoriesOf(files);
	for (const [i, file] of files.entries()) {
		for await (const { line, value, broken } of recordsOf(file, { keys: ['question_id'] })) {
			const where = `${file.name}:${line}`;
			if (broken !== undefined) throw new InputError(`${where}: not JSON (${broken})`, { code: 'pope-data' });
			const hint = 'is it a POPE label file?';
			const row = validate(schema, value, { where, code: 'pope-data', hint });
			const category = categories[i]!;
			yield {
				id: `${category}/${row.question_id}`,
				category,
				text: row.text,
				image: row.image,
				label: row.label,
				needed: true,
			};
		}
	}
}
