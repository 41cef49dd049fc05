import type { Answers } from './score-answers.ts';
import {
	type Pairing,
	pair,
	type Scored,
	type ScoredQuestion,
	type ScoreOptions,
	type Scorer,
	score,
} from './score-engine.ts';
import type { DataFile } from './score-file.ts';
import type { TaskInput } from './score-task.ts';
import type { Task } from './task.ts';

export interface BenchmarkInput extends ScoreOptions {
	files: readonly DataFile[];
	answers: Answers;
	/** Which of its protocols to apply; `lenient` among them. */
	protocols: readonly string[];
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
	score(input: BenchmarkInput): Promise<Scored>;
	/** The benchmark to be put to a model. */
	task(input: TaskInput): Promise<Task>;
}

interface Definition<Q extends ScoredQuestion> {
	name: string;
	aliases?: readonly string[];
	title: string;
	isData: RegExp;
	questions(files: readonly DataFile[]): AsyncIterable<Q>;
	/** Makes a fresh scorer for each protocol. */
	scorers(files: readonly DataFile[]): Record<string, () => Scorer<Q>>;
	/** How answers are paired with questions; by id by default, by line where they have none. */
	pairing?(answers: Answers, files: readonly DataFile[]): Pairing;
	hint?(counts: { answers: number; questions: number }): string | null;
	task(input: TaskInput): Promise<Task>;
}

/** A benchmark from its parts. */
export function benchmark<Q extends ScoredQuestion>(definition: Definition<Q>): Benchmark {
	const { name, aliases = [], title, isData, questions, scorers, hint, task } = definition;
	const { pairing = ({ given }: Answers) => pair(given) } = definition;
	return {
		name,
		aliases,
		title,
		protocols: Object.keys(scorers([])),
		isData: (file) => isData.test(file),
		task,
		score({ files, answers, protocols, ...options }) {
			const make = scorers(files);
			return score({
				questions: questions(files),
				data: files.map((file) => file.name).join(', '),
				answers,
				pairing: pairing(answers, files),
				scorers: Object.fromEntries(protocols.map((protocol) => [protocol, make[protocol]!()])),
				...(hint && { hint }),
				...options,
			});
		},
	};
}
