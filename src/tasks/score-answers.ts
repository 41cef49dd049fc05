import { z } from 'zod';
import { show } from '../base/json.ts';
import type { DataFile } from './score-file.ts';
import { type RawRecord, recordsOf } from './score-json.ts';
import { isLmmsEval, lmmsEvalFields } from './score-lmms-eval.ts';

/** One answer made elsewhere. */
export interface GivenAnswer {
	text: string;
	/** Null where the file names no question: its answers then stand in the order of the questions. */
	id: string | null;
	/** What was asked, where the file repeats it; checked against the question. */
	asked: string | null;
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

export interface Answers {
	/** Name of the file. */
	file: string;
	given: GivenAnswer[];
	broken: BrokenRecord[];
	/** Records of a run folder that are of another condition or draw. */
	otherConditions: number;
}

export interface AnswerOptions {
	/** Of a run's `records.jsonl`: the condition to read (its first draw). Default `intact`. */
	condition?: string;
}

const id = z.union([z.string(), z.number()]).optional();
const text = z.union([z.string(), z.number()]).optional();
const schema = z.object({
	question_id: id,
	questionId: id,
	id,
	idx: id,
	index: id,
	prediction: text,
	answer: text,
	text,
	question: z.string().optional(),
	prompt: z.string().optional(),
	category: z.string().optional(),
	label: z.unknown().optional(),
	raw: z.string().optional(),
	condition: z.string().optional(),
	draw: z.number().optional(),
});
type AnswerRecord = z.infer<typeof schema>;

const ID_KEYS = ['question_id', 'questionId', 'id', 'idx', 'index'] as const;
const ANSWER_KEYS = ['answer', 'text', 'prediction'];

/**
 * Reads a file of answers, streamed. Forms: LLaVA's lines `{ question_id, text }`; POPE's `{ question, answer }`; a VQA
 * result file `[{ question_id, answer }]`; GQA predictions `[{ questionId, prediction }]`; lines
 * `{ id | question_id, answer | text | prediction }`; one object `{ id: answer }`; a run's `records.jsonl`; lmms-eval's
 * sample log; bare answers, one a line. A record without an answer is kept as broken, with its line.
 */
export async function readAnswers(file: DataFile, { condition = 'intact' }: AnswerOptions = {}): Promise<Answers> {
	const answers: Answers = { file: file.name, given: [], broken: [], otherConditions: 0 };
	for await (const record of recordsOf(file, { dict: true, keys: [...ID_KEYS, ...ANSWER_KEYS, 'doc_id'] })) {
		const read = answerOf(record);
		if ('why' in read) answers.broken.push(read);
		else if (read.run && (read.run.condition !== condition || read.run.draw !== 0)) answers.otherConditions++;
		else answers.given.push(read.answer);
	}
	return answers;
}

interface Read {
	answer: GivenAnswer;
	/** Where the record is of a run. */
	run: { condition: string; draw: number } | null;
}

function answerOf({ line, key, value, broken }: RawRecord): Read | BrokenRecord {
	if (broken !== undefined) return { line, why: `not JSON (${broken})` };
	if (typeof value === 'string' || typeof value === 'number') {
		const answer = { text: String(value), id: key ?? null, asked: null, category: null, llava: false, line };
		return { answer, run: null };
	}
	const fields = isLmmsEval(value) ? lmmsEvalFields(value) : value;
	if (fields === null) return { line, why: "is of lmms-eval's log and names no question_id" };
	const result = schema.safeParse(fields);
	if (!result.success) {
		const { path } = result.error.issues[0]!;
		const inner = path.length === 0 ? value : (value as Record<PropertyKey, unknown>)[path[0]!];
		return { line, why: `${path.length === 0 ? 'the record' : String(path[0])} is ${show(inner)}, not an answer` };
	}
	return fieldsOf(result.data, line, key);
}

function fieldsOf(record: AnswerRecord, line: number, key: string | undefined): Read | BrokenRecord {
	const { prediction, answer, text, raw, condition, draw = 0, question, prompt, category = null } = record;
	const idKey = ID_KEYS.find((name) => record[name] !== undefined);
	const own = idKey === undefined ? key : record[idKey];
	const base = { id: own === undefined ? null : String(own), category, llava: false, line };
	const asked = question ?? prompt ?? null;
	// In a run's record `answer` is the right answer, not the model's.
	if (raw !== undefined && condition !== undefined) {
		return { answer: { ...base, text: raw, asked, category: null, llava: true }, run: { condition, draw } };
	}
	if (record.label !== undefined && prediction === undefined && answer === undefined) {
		return { line, why: 'has a label and no answer: a question file' };
	}
	const said = prediction ?? answer;
	if (said !== undefined) {
		const inText = answer !== undefined && typeof text === 'string' ? text : null;
		return { answer: { ...base, text: String(said), asked: asked ?? inText }, run: null };
	}
	if (text === undefined) return { line, why: `has none of ${ANSWER_KEYS.join(', ')}` };
	return { answer: { ...base, text: String(text), asked, llava: record.question_id !== undefined }, run: null };
}
