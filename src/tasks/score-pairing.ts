import type { GivenAnswer } from './score-record.ts';

/** What every scored question has; the rest is the benchmark's own. */
export interface ScoredQuestion {
	id: string;
	/** The question as asked; null where the data do not hold it. */
	text: string | null;
	/** False for a question that is not scored itself, and that an answers file may leave out. */
	needed: boolean;
}

/** Finds the answer to a question. */
export interface Pairing {
	by: 'id' | 'line';
	/** The answers that must belong to a question. */
	given: readonly GivenAnswer[];
	/** `index`: place of the question in the data, from 0. */
	find(question: ScoredQuestion, index: number): GivenAnswer | undefined;
	/** Answers whose question came twice. */
	duplicates: GivenAnswer[];
	/** Answers that belong to splits of the benchmark whose data were not given. */
	leftOut: number;
}

/** Answers by id. A later answer to the same question replaces an earlier one, as in the official scorers' dictionaries. */
export function pairById(given: readonly GivenAnswer[]): Pairing {
	const byId = new Map<string, GivenAnswer>();
	const duplicates: GivenAnswer[] = [];
	for (const answer of given) {
		if (answer.id === null) continue;
		if (byId.has(answer.id)) duplicates.push(answer);
		byId.set(answer.id, answer);
	}
	return { by: 'id', given, find: ({ id }) => byId.get(id), duplicates, leftOut: 0 };
}

/** Answers in the order of the questions. */
export function pairByLine(given: readonly GivenAnswer[]): Pairing {
	return { by: 'line', given, find: (_, index) => given[index], duplicates: [], leftOut: 0 };
}

/** By id where the answers have one, by line where none has. */
export function pair(given: readonly GivenAnswer[]): Pairing {
	return given.some(({ id }) => id !== null) ? pairById(given) : pairByLine(given);
}
