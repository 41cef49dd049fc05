import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import { InputError } from '../../base/errors.ts';
import type { Manifest, RunRecord } from '../run.ts';

/** Length of the random ids that LLaVA gives its answers; ours are a hash, so that a run gives the same file again. */
const ANSWER_ID_LENGTH = 22;

/** LLaVA asks POPE from one file: adversarial questions are numbered from 1, random and popular ones from these on. */
const POPE_FIRST: Readonly<Record<string, number>> = { adversarial: 0, random: 10_000_000, popular: 20_000_000 };

/** The id as LLaVA's question files have it: a number in POPE and VQA v2, text elsewhere. */
function questionId(task: string, id: string): string | number {
	if (task === 'vqav2') return /^\d{1,15}$/.test(id) ? Number(id) : id;
	const [, category, number] = /^([a-z]+)\/(\d{1,4})$/.exec(id) ?? [];
	const first = task === 'pope' && category !== undefined ? POPE_FIRST[category] : undefined;
	return first === undefined ? id : first + Number(number);
}

/**
 * POPE's answers in the order of its question files, category by category: LLaVA's `eval_pope.py` pairs the answers of a
 * category with its labels by their places, not by their numbers. Throws if the run was asked less than its data hold.
 */
export async function inPopeOrder(
	{ task: { facts }, questions }: Manifest,
	records: AsyncIterable<RunRecord>,
	where: string,
): Promise<RunRecord[]> {
	const whole = facts.questions;
	if (typeof whole === 'number' && whole > questions) {
		throw new InputError(
			`${where}: was asked ${questions} of the ${whole} questions of its data, and LLaVA's eval_pope.py pairs answers with labels by place, so its figures would be wrong; export a run of all questions, or use dorsal score`,
			{ code: 'answers' },
		);
	}
	const byCategory = new Map<string, RunRecord[]>();
	for await (const record of records) {
		const own = byCategory.get(record.category) ?? [];
		own.push(record);
		byCategory.set(record.category, own);
	}
	const number = ({ id }: RunRecord) => Number(id.slice(id.indexOf('/') + 1));
	// Ids that are no numbers (NaN) keep the order of the run.
	return [...byCategory.values()].flatMap((own) => own.sort((a, b) => number(a) - number(b) || 0));
}

/** The last part of a model's folder or address, as LLaVA names a model. */
const modelName = (model: string): string => model.split(/[\\/]/).filter(Boolean).at(-1) ?? model;

/** A line of LLaVA's answers file, as its `llava/eval/model_vqa_loader.py` writes it. */
export function llavaLine({ task, backend }: Manifest, { id, condition, prompt, raw }: RunRecord): string {
	const hash = bytesToHex(sha256(utf8ToBytes(JSON.stringify([task.dataHash, backend, condition, id, raw]))));
	return JSON.stringify({
		question_id: questionId(task.name, id),
		prompt,
		text: raw,
		answer_id: hash.slice(0, ANSWER_ID_LENGTH),
		model_id: modelName(backend.model),
		metadata: {},
	});
}
