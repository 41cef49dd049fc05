import { InputError } from '../base/errors.ts';
import { show } from '../base/json.ts';
import type { Answers } from './score-answers.ts';
import { asksThe } from './score-asked.ts';
import type { Pairing, ScoredQuestion } from './score-pairing.ts';
import { Problems } from './score-problems.ts';
import type { GivenAnswer } from './score-record.ts';

/** Named figures, fractions of 1 unless the task's card says otherwise; null where one cannot be computed. */
export interface Metrics {
	[name: string]: number | null | Metrics;
}

/** What a protocol makes of one answer. */
export interface Grade {
	/** The answer that was read; null if none was. */
	value: string | null;
	/** 0 … 1. */
	score: number;
}

/** One protocol at work: it is shown every answered question once, in the order of the data. */
export interface Scorer<Q> {
	add(question: Q, answer: GivenAnswer): Grade;
	/** To be called once, after the last question. */
	metrics(): Metrics | Promise<Metrics>;
}

export interface QuestionGrades {
	id: string;
	answer: string;
	grades: Record<string, Grade>;
}

export interface Counts {
	/** Answers in the file. */
	given: number;
	pairedBy: 'id' | 'line';
	/** Raw output of a model, converted as LLaVA does before the official scorer of GQA or VQA v2 reads it. */
	llava: number;
	/** Scored answers that repeat their question, and it is the data's. */
	checked: number;
	/** Answers that repeat another question than the data's; scored by id under `partial`, if they are few. */
	mismatched: number;
	missing: number;
	unknown: number;
	duplicates: number;
	broken: number;
	leftOut: number;
	otherConditions: number;
}

export interface Scored {
	questions: number;
	/** Questions in whose answer the lenient protocol found none, or more than one. */
	unparsed: number;
	metrics: Record<string, Metrics>;
	answers: Counts;
}

export interface ScoreOptions {
	/** Score the questions that have an answer, and only count what is missing, unknown, double or broken. Default false. */
	partial?: boolean;
	/** Score only the first questions of the data, so many. */
	limit?: number;
	/** Called with every scored question. */
	onQuestion?: (question: QuestionGrades) => void;
}

interface Job<Q extends ScoredQuestion> extends ScoreOptions {
	questions: AsyncIterable<Q>;
	/** Names of the data's files, for messages. */
	files: readonly string[];
	answers: Answers;
	pairing: Pairing;
	/** By protocol; `lenient` is among them. */
	scorers: Record<string, Scorer<Q>>;
	/** What else a reader of the error should know, from the two counts. */
	hint?: (counts: { answers: number; questions: number }) => string | null;
}

/** What to do where files have an id twice: a folder may hold the same questions in two files. */
export const adviceOn = (files: readonly unknown[]): string =>
	files.length > 1
		? '; these files hold the same questions in part: give one of them with --data, or those that go together'
		: '';

/** Shows every answered question to every scorer. Throws an InputError that names and counts what does not fit. */
export async function score<Q extends ScoredQuestion>(job: Job<Q>): Promise<Scored> {
	const { questions, files, answers, pairing, scorers, hint, onQuestion } = job;
	const { partial = false, limit = Number.POSITIVE_INFINITY } = job;
	const data = files.join(', ');
	const problems = new Problems(answers, data);
	const protocols = Object.entries(scorers);
	const used = new Set<GivenAnswer>();
	let [index, scored, unparsed, llava, checked] = [0, 0, 0, 0, 0];
	for await (const question of questions) {
		if (index >= limit) break;
		const answer = pairing.find(question, index++);
		if (!answer) {
			if (question.needed) problems.missing(question.id);
			continue;
		}
		if (used.has(answer)) {
			throw new InputError(`${data}: two questions have the id ${show(question.id)}${adviceOn(files)}`, {
				code: 'question-id',
			});
		}
		used.add(answer);
		if (answer.textIsAsked && (question.text === null || !asksThe(answer.asked!, question.text))) {
			problems.unclear(answer);
			continue;
		}
		const isCompared = answer.asked !== null && question.text !== null;
		if (isCompared && !asksThe(answer.asked!, question.text!)) {
			problems.mismatched(answer, question);
			// By line it is another question's answer for sure; by id it may be asked in other words.
			if (!partial || pairing.by === 'line') continue;
		} else if (isCompared && question.needed) checked++;
		const grades: Record<string, Grade> = {};
		for (const [name, scorer] of protocols) grades[name] = scorer.add(question, answer);
		if (!question.needed) continue;
		scored++;
		if (answer.llava) llava++;
		if (grades.lenient!.value === null) unparsed++;
		onQuestion?.({ id: question.id, answer: answer.text, grades });
	}
	const replaced = new Set(pairing.duplicates.map(({ id }) => id));
	// Under a limit the questions of further answers were not read.
	for (const answer of index < limit ? pairing.given : []) {
		if (!used.has(answer) && (answer.id === null || !replaced.has(answer.id))) problems.unknown(answer);
	}
	for (const answer of pairing.duplicates) problems.duplicate(answer);
	problems.check({ questions: index, scored, checked, pairing, partial, hint });
	if (scored === 0) throw new InputError(`${data}: no questions; is it the file of this task?`, { code: 'no-data' });
	const metrics: Record<string, Metrics> = {};
	for (const [name, scorer] of protocols) metrics[name] = await scorer.metrics();
	return {
		questions: scored,
		unparsed,
		metrics,
		answers: {
			given: answers.given.length,
			pairedBy: pairing.by,
			llava,
			checked,
			...problems.counts(),
			leftOut: pairing.leftOut,
		},
	};
}
