import { z } from 'zod';
import { InputError } from '../../base/errors.ts';
import { validate } from '../../base/json.ts';
import type { DataFile } from '../score-file.ts';
import { recordsOf } from '../score-json.ts';
import type { ScoredQuestion } from '../score-pairing.ts';

export interface VsrQuestion extends ScoredQuestion {
	/** Place in the file, from 0: the files have no ids. */
	id: string;
	/** The statement. */
	text: string;
	image: string;
	label: boolean;
	relation: string;
}

const schema = z.object({
	image: z.string(),
	caption: z.string(),
	label: z.literal([0, 1]),
	relation: z.string(),
});

/** Statements of a VSR split (`data/splits/zeroshot/test.jsonl` and its like), streamed. */
export async function* readVsr(files: readonly DataFile[]): AsyncGenerator<VsrQuestion> {
	const [file, second] = files;
	if (!file || second) {
		const names = files.map(({ name }) => name).join(', ');
		throw new InputError(`${names}: VSR statements have no ids; give one split at a time`, { code: 'vsr-data' });
	}
	let index = 0;
	for await (const { line, value, broken } of recordsOf(file, { keys: ['caption'] })) {
		const where = `${file.name}:${line}`;
		if (broken !== undefined) throw new InputError(`${where}: not JSON (${broken})`, { code: 'vsr-data' });
		const row = validate(schema, value, { where, code: 'vsr-data', hint: 'is it a VSR split?' });
		yield {
			id: String(index++),
			text: row.caption,
			needed: true,
			image: row.image,
			label: row.label === 1,
			relation: row.relation,
		};
	}
}
