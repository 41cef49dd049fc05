import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
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
