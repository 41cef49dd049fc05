import type { DataFile } from './score-file.ts';
import { type RawRecord, recordsOf } from './score-json.ts';
import { ANSWER_KEYS, type BrokenRecord, type GivenAnswer, ID_KEYS, type Read, readRecord } from './score-record.ts';

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

/**
 * Reads a file of answers, streamed. Forms: LLaVA's lines `{ question_id, text }`; POPE's `{ question, answer }`; a VQA
 * result file `[{ question_id, answer }]`; GQA predictions `[{ questionId, prediction }]`; lines
 * `{ id | question_id, answer | text | prediction }`; one object `{ id: answer }`; a run's `records.jsonl`; lmms-eval's
 * sample log; bare answers, one a line, JSON or not (in no `.csv` or `.tsv`, which is a table). A record without an answer is kept as broken, with its line.
 */
export async function readAnswers(file: DataFile, { condition = 'intact' }: AnswerOptions = {}): Promise<Answers> {
	const answers: Answers = { file: file.name, given: [], broken: [], otherConditions: 0 };
	const bare: GivenAnswer[] = [];
	let mayBeBare = !/\.[ct]sv$/i.test(file.name);
	for await (const record of recordsOf(file, { dict: true, keys: [...ID_KEYS, ...ANSWER_KEYS, 'doc_id'] })) {
		if (record.text === undefined || /^\s*[{[]/.test(record.text)) mayBeBare = false;
		const read = answerOf(record);
		if ('why' in read) {
			answers.broken.push(read);
			if (mayBeBare && record.value !== null) bare.push(wordAnswer({ text: record.text!, line: record.line }));
		} else if (read.run && (read.run.condition !== condition || read.run.draw !== 0)) answers.otherConditions++;
		else answers.given.push(read.answer);
	}
	return mayBeBare ? withBare(answers, bare) : answers;
}

const wordAnswer = ({ text, line, id = null }: { text: string; line: number; id?: string | null }): GivenAnswer => ({
	...{ text, id, asked: null, category: null, llava: false, line },
});

/** Where no line is an object, those that are not JSON are answers as they stand. */
function withBare({ given, broken, ...rest }: Answers, bare: readonly GivenAnswer[]): Answers {
	const lines = new Set(bare.map(({ line }) => line));
	return {
		...rest,
		given: [...given, ...bare].sort((a, b) => a.line - b.line),
		broken: broken.filter(({ line }) => !lines.has(line)),
	};
}

function answerOf(record: RawRecord): Read | BrokenRecord {
	const { line, key, value, broken } = record;
	if (broken !== undefined) return { line, why: `not JSON (${broken})` };
	if (typeof value !== 'string' && typeof value !== 'number') return readRecord(record);
	return { answer: wordAnswer({ text: String(value), line, id: key ?? null }), run: null };
}
