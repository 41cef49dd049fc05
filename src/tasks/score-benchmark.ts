import type { Answers } from './score-answers.ts';
import { type Scored, type ScoreOptions, type Scorer, score } from './score-engine.ts';
import type { DataFile } from './score-file.ts';
import { type Pairing, pair, type ScoredQuestion } from './score-pairing.ts';
import type { TaskInput } from './score-task.ts';
import type { Task } from './task.ts';

export interface BenchmarkInput extends ScoreOptions {
	files: readonly DataFile[];
	answers: Answers;
	/** Which of its protocols to apply; `lenient` among them. */
	protocols: readonly string[];
}

export interface ScoredBenchmark extends Scored {
	/** Questions of the data (as far as they were read) by their right answer; null where answers are open. */
	balance: Record<string, number> | null;
}

/** A standard benchmark: how its files are read and how answers to it are scored. */
export interface Benchmark {
	name: string;
	/** Other names it is asked for by. */
	aliases: readonly string[];
	title: string;
	/** `official` and `lenient`, which are always computed, and others. */
	protocols: readonly string[];
	/** Which files of a folder are its data. */
	isData(name: string): boolean;
	score(input: BenchmarkInput): Promise<ScoredBenchmark>;
	/** The benchmark to be put to a model. */
	task(input: TaskInput): Promise<Task>;
}

interface Definition<Q extends ScoredQuestion> {
	name: string;
	aliases?: readonly string[];
	title: string;
	isData: RegExp;
	/** `given`: the answers to be scored; texts are only needed of questions that an answer repeats. */
	questions(files: readonly DataFile[], given: Answers['given']): AsyncIterable<Q>;
	/** The right answer, where there are few; by these the data's balance is counted. */
	answer?(question: Q): string;
	/** Makes a fresh scorer for each protocol. */
	scorers(files: readonly DataFile[]): Record<string, () => Scorer<Q>>;
	/** How answers are paired with questions; by id by default, by line where they have none. */
	pairing?(answers: Answers, files: readonly DataFile[]): Pairing;
	hint?(counts: { answers: number; questions: number }): string | null;
	task(input: TaskInput): Promise<Task>;
}

/** A benchmark from its parts. */
export function benchmark<Q extends ScoredQuestion>(definition: Definition<Q>): Benchmark {
	const { name, aliases = [], title, isData, questions, answer, scorers, hint, task } = definition;
	const { pairing = ({ given }: Answers) => pair(given) } = definition;
	return {
		name,
		aliases,
		title,
		protocols: Object.keys(scorers([])),
		isData: (file) => isData.test(file),
		task,
		async score({ files, answers, protocols, ...options }) {
			const make = scorers(files);
			const asked = questions(files, answers.given);
			const balance: Record<string, number> = {};
			const scored = await score({
				questions: answer ? counted(asked, answer, balance) : asked,
				files: files.map((file) => file.name),
				answers,
				pairing: pairing(answers, files),
				scorers: Object.fromEntries(protocols.map((protocol) => [protocol, make[protocol]!()])),
				...(hint && { hint }),
				...options,
			});
			return { ...scored, balance: answer ? balance : null };
		},
	};
}

/** The same questions; those that were asked for are counted by their right answers. */
async function* counted<Q>(
	questions: AsyncIterable<Q>,
	answer: (question: Q) => string,
	into: Record<string, number>,
): AsyncGenerator<Q> {
	for await (const question of questions) {
		yield question;
		into[answer(question)] = (into[answer(question)] ?? 0) + 1;
	}
}
