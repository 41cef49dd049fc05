import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { RunRecord } from '../run.ts';

const hash = (text: string) => bytesToHex(sha256(utf8ToBytes(text)));

/**
 * A line of lmms-eval's sample log, as `--log_samples` writes it since February 2026 (its pull request 1103): one answer
 * a question is a list of one in `resps` and text in `filtered_resps`. `doc_id` counts the answers of the run from 0;
 * the benchmark's own id is `question_id`, and `dorsal_strict` and `dorsal_lenient` stand where lmms-eval has the
 * task's metrics. lmms-eval leaves `resps` out where it says the same as `filtered_resps`; here it is always there.
 */
export function lmmsEvalLine(
	{ id, image, category, prompt, answer, raw, correct, lenient }: RunRecord,
	docId: number,
): string {
	return JSON.stringify({
		doc_id: docId,
		target: answer,
		resps: [raw],
		filtered_resps: raw,
		doc_hash: hash(JSON.stringify({ question_id: id, image, question: prompt, answer })),
		prompt_hash: hash(prompt),
		target_hash: hash(answer),
		question_id: id,
		category,
		dorsal_strict: Number(correct),
		dorsal_lenient: Number(lenient),
		input: prompt,
	});
}
