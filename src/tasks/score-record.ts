import { show } from '../base/json.ts';
import type { RawRecord } from './score-json.ts';
import { isLmmsEval, lmmsEvalFields } from './score-lmms-eval.ts';

/** Names of a question's id; the first that a record has counts. */
export const ID_KEYS = ['question_id', 'questionId', 'id', 'idx', 'index'] as const;
export const ANSWER_KEYS = ['answer', 'text', 'prediction'] as const;
/** The same, in the order in which they count where a record has several. */
const SAID = ['prediction', 'answer', 'text'] as const;

/** Other names for what a model said. Beside one of them `answer` may be the right answer, and `text` the question. */
const RIVALS = [
	...['response', 'model_response', 'responses', 'output', 'model_output', 'outputs', 'pred', 'preds', 'predicted'],
	...['predicted_answer', 'pred_answer', 'model_prediction', 'model_answer', 'predictions', 'generated_text'],
	...['generated', 'generation', 'completion', 'raw', 'resps', 'filtered_resps'],
] as const;

/** One answer made elsewhere. */
export interface GivenAnswer {
	text: string;
	/** Null where the file names no question: its answers then stand in the order of the questions. */
	id: string | null;
	/** What was asked, where the file repeats it; checked against the question. */
	asked: string | null;
	/** `asked` is a `text` that stands beside `answer`; if it is not the question, either may be the model's answer. */
	textIsAsked?: boolean;
	/** Split of the benchmark, where the file names it. */
	category: string | null;
	/**
	 * The text is raw model output, which LLaVA converts before it hands it to an official scorer: a record in LLaVA's
	 * own form, `{ question_id, text }`, of a run, or of lmms-eval.
	 */
	llava: boolean;
	line: number;
}

/** A record that holds no answer. */
export interface BrokenRecord {
	line: number;
	why: string;
}

export interface Read {
	answer: GivenAnswer;
	/** Where the record is of a run. */
	run: { condition: string; draw: number } | null;
}

type Fields = Readonly<Record<string, unknown>>;

const isThere = (value: unknown) => value !== undefined && value !== null;
const isObject = (value: unknown): value is Fields =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** A side field: of the wrong type it counts as absent. */
const sideText = (value: unknown): string | null => (typeof value === 'string' ? value : null);
const plainText = (value: unknown): string | null =>
	typeof value === 'string' || typeof value === 'number' ? String(value) : null;

const firstLine = (text: string) => text.trim().split('\n', 1)[0]!.trim().toLowerCase();

/** One record of an answers file. Without an answer, or where nothing says which of its fields is one, it is broken. */
export function readRecord({ line, key, value }: RawRecord): Read | BrokenRecord {
	if (!isObject(value)) return { line, why: `the record is ${show(value)}, not an answer` };
	const fields = isLmmsEval(value) ? lmmsEvalFields(value) : value;
	if (fields === null) return { line, why: "is of lmms-eval's log and names no question_id" };
	const notAnswer = (name: string) => ({ line, why: `${name} is ${show(fields[name])}, not an answer` });

	const idKey = ID_KEYS.find((name) => isThere(fields[name])) ?? ID_KEYS.find((name) => fields[name] === null);
	const id = idKey === undefined ? (key ?? null) : plainText(fields[idKey]);
	if (idKey !== undefined && id === null) return notAnswer(idKey);

	const asked = sideText(fields.question) ?? sideText(fields.prompt);
	const base = { id, asked, category: sideText(fields.category), llava: false, line };
	// In a run's record `answer` is the right answer, not the model's.
	if (typeof fields.condition === 'string' && fields.raw !== undefined) {
		if (typeof fields.raw !== 'string') return notAnswer('raw');
		const draw = typeof fields.draw === 'number' ? fields.draw : 0;
		const answer = { ...base, text: fields.raw, category: null, llava: true };
		return { answer, run: { condition: fields.condition, draw } };
	}
	const question = questionFile(fields);
	if (question !== null) return { line, why: `${question}: a question file` };

	const name = SAID.find((said) => fields[said] !== undefined);
	const rival = RIVALS.find((other) => isThere(fields[other]) && !isObject(fields[other]));
	if (name === undefined) {
		const advice = rival === undefined ? '' : `; if ${rival} is the model's answer, name it prediction`;
		return { line, why: `has none of ${ANSWER_KEYS.join(', ')}${advice}` };
	}
	if (name !== 'prediction' && rival !== undefined) return { line, why: unclear(name, rival) };
	const said = plainText(fields[name]);
	if (said === null) return notAnswer(name);
	if (name === 'text') return { answer: { ...base, text: said, llava: isThere(fields.question_id) }, run: null };

	const beside = isThere(fields.answer) ? plainText(fields.text) : null;
	if (beside === null) return { answer: { ...base, text: said }, run: null };
	if (name === 'prediction') return { answer: { ...base, text: said, asked: asked ?? beside }, run: null };
	if (asked === null) return { answer: { ...base, text: said, asked: beside, textIsAsked: true }, run: null };
	if (firstLine(beside) !== firstLine(asked)) return { line, why: unclear('text', 'answer') };
	return { answer: { ...base, text: said }, run: null };
}

/** What is wrong with a record of which two fields may be the model's answer. */
export function unclear(one: string, other: string): string {
	return `has ${one} and ${other}, and nothing says which is the model's; rename that one to prediction, or leave the other out`;
}

/** What shows that a record is a question with what belongs to it, and no answer to it; else null. */
function questionFile(fields: Fields): string | null {
	if (fields.prediction !== undefined) return null;
	if (isThere(fields.isBalanced)) return "is one of GQA's questions, with its right answer and no prediction";
	if (fields.answer !== undefined) {
		return isThere(fields.choices) ? 'has choices, an answer that may be the right one, and no prediction' : null;
	}
	if (isThere(fields.label)) return 'has a label and no answer';
	const isAsked = sideText(fields.question) !== null || isThere(fields.prompt);
	return isThere(fields.image) && isThere(fields.text) && !isAsked ? 'has an image, a text and no answer' : null;
}
