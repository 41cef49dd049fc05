import { z } from 'zod';
import { InputError } from '../../base/errors.ts';
import { validate } from '../../base/json.ts';
import type { DataFile } from '../score-file.ts';
import { recordsOf } from '../score-json.ts';

/** What was predicted for a question, kept until its choices are read. */
export interface Predicted {
	prediction: string;
	/** Its detailed type names what two objects have in common: a colour, a material or a shape. */
	common: boolean;
}

const schema = z.object({ valid: z.array(z.string()), plausible: z.array(z.string()) });

/** Of a question about what two objects have in common, whatever its own choices say. */
const COMMON = ['color', 'material', 'shape'];

/**
 * Validity (could be an answer to such a question) and plausibility (and occurs in the world) from a choices file,
 * streamed. Null if the file lacks a question that was answered.
 */
export async function choiceRates(
	file: DataFile,
	predicted: ReadonlyMap<string, Predicted>,
): Promise<{ validity: number | null; plausibility: number | null }> {
	let [found, valid, plausible] = [0, 0, 0];
	for await (const { line, key, value, broken } of recordsOf(file, { dict: true, keys: ['valid'] })) {
		const where = `${file.name}:${line}`;
		if (broken !== undefined) throw new InputError(`${where}: not JSON (${broken})`, { code: 'gqa-choices' });
		const own = key === undefined ? undefined : predicted.get(key);
		if (own === undefined) continue;
		const choices = validate(schema, value, { where, code: 'gqa-choices', hint: 'is it a GQA choices file?' });
		found++;
		if ((own.common ? COMMON : choices.valid).includes(own.prediction)) valid++;
		if ((own.common ? COMMON : choices.plausible).includes(own.prediction)) plausible++;
	}
	if (found < predicted.size || found === 0) return { validity: null, plausibility: null };
	return { validity: valid / found, plausibility: plausible / found };
}
