import { InputError, UsageError } from '../../base/errors.ts';
import { show } from '../../base/json.ts';
import { evalAi } from '../../tasks/vqav2/normalize.ts';
import type { Manifest, RunRecord } from '../run.ts';

/** Missing questions that a refusal names. */
const NAMED = 10;

export interface EvalAiOptions {
	/** Ids of all questions of the split, in its order; default: the questions that the run answered. */
	split?: readonly string[];
	/** Gives questions without an answer the empty one, as LLaVA's script does; default refuses. */
	fillMissing?: boolean;
}

/** A submission for the VQA v2 server in pieces of text, and how many questions were given the empty answer. */
export interface Submission {
	answers: number;
	filled: number;
	pieces: Generator<string>;
}

/** `question_id`s of a submission are numbers. */
function numberOf(id: string, where: string): number {
	const number = /^\d{1,15}$/.test(id) ? Number(id) : Number.NaN;
	if (Number.isNaN(number)) {
		throw new InputError(`${where}: question ${show(id)} has no number; export a run of the plain task`, {
			code: 'question-id',
		});
	}
	return number;
}

/** Ids of the split without an answer. Throws where an answer is to none of the split. */
function missingFrom(split: readonly string[], answered: ReadonlyMap<string, string>, where: string): string[] {
	const inSplit = new Set(split);
	const strange = [...answered.keys()].filter((id) => !inSplit.has(id));
	if (strange.length > 0) {
		throw new InputError(
			`${where}: ${strange.length} of ${answered.size} answers are to no question of the split (first: ${show(strange[0])}); is it another split?`,
			{ code: 'answers' },
		);
	}
	return split.filter((id) => !answered.has(id));
}

function* written(split: readonly string[], answered: ReadonlyMap<string, string>, where: string): Generator<string> {
	let before = '[';
	for (const id of split) {
		const answer = answered.get(id);
		yield `${before}\n${JSON.stringify({
			question_id: numberOf(id, where),
			answer: answer === undefined ? '' : evalAi(answer),
		})}`;
		before = ',';
	}
	yield '\n]\n';
}

/**
 * The result file for the VQA v2 server on EvalAI: a list of `{ question_id, answer }`, one for every question of the
 * split, each answer through LLaVA's `EvalAIAnswerProcessor`, as its `convert_vqav2_for_submission.py` does.
 */
export async function evalAiSubmission(
	{ task }: Manifest,
	records: AsyncIterable<RunRecord>,
	{ split, fillMissing = false, where }: EvalAiOptions & { where: string },
): Promise<Submission> {
	if (task.name !== 'vqav2') {
		throw new UsageError(`--to evalai: is for VQA v2, ${where} is a run of ${task.name}; give another --to`, {
			code: 'option-conflict',
		});
	}
	const answered = new Map<string, string>();
	for await (const { id, raw } of records) answered.set(id, raw);
	const { questions } = task.facts;
	if (split === undefined && typeof questions === 'number' && questions > answered.size) {
		throw new InputError(
			`${where}: ${questions - answered.size} of the ${questions} questions of its data have no answer; give the split's questions with --data to have them named, or filled in with --fill-missing`,
			{ code: 'answers' },
		);
	}
	const asked = [...new Set(split ?? answered.keys())];
	const missing = missingFrom(asked, answered, where);
	if (missing.length > 0 && !fillMissing) {
		const names = missing.slice(0, NAMED).join(', ') + (missing.length > NAMED ? ', …' : '');
		throw new InputError(
			`${where}: ${missing.length} of the ${asked.length} questions of the split have no answer (${names}); answer them, or give --fill-missing to submit empty answers`,
			{ code: 'answers' },
		);
	}
	return { answers: answered.size, filled: missing.length, pieces: written(asked, answered, where) };
}
