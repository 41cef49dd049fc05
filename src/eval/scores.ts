import type { RunRecord, Score, SetScore } from './run.ts';
import { wilsonInterval } from './statistics.ts';

/** What a record says, as bits; 0 where there is none. */
const RECORDED = 1;
const CORRECT = 2;
const LENIENT = 4;
const UNPARSED = 8;

/** One draw of one condition: the bits of its records, by question number. */
export type Marks = number[];

/** Question numbers by value of a category or group, in order of first appearance. */
export type Split = Map<string, number[]>;

export function markOf({ correct, lenient, status }: RunRecord): number {
	return RECORDED | (correct ? CORRECT : 0) | (lenient ? LENIENT : 0) | (status === 'ok' ? 0 : UNPARSED);
}

/** Score of some questions over all draws; `chances` by question number. Undefined where no answer is recorded. */
export function scoreOf(
	questions: Iterable<number>,
	draws: readonly Marks[],
	chances: readonly number[],
): Score | undefined {
	const count = { questions: 0, answers: 0, correct: 0, lenient: 0, unparsed: 0, chance: 0 };
	for (const question of questions) {
		const before = count.answers;
		for (const marks of draws) {
			const mark = marks[question] ?? 0;
			if (mark & RECORDED) count.answers++;
			if (mark & CORRECT) count.correct++;
			if (mark & LENIENT) count.lenient++;
			if (mark & UNPARSED) count.unparsed++;
		}
		if (count.answers === before) continue;
		count.questions++;
		count.chance += chances[question]!;
	}
	const { questions: n, answers } = count;
	const interval = wilsonInterval((count.correct * n) / answers, n);
	if (interval === undefined) return undefined;
	return {
		questions: n,
		accuracy: count.correct / answers,
		interval,
		lenient: count.lenient / answers,
		unparsed: count.unparsed / answers,
		chance: count.chance / n,
	};
}

/** Scores of each part of a split; parts without answers are left out. */
export function scoresBy(split: Split, draws: readonly Marks[], chances: readonly number[]): Record<string, Score> {
	const scores: [string, Score][] = [];
	for (const [value, members] of split) {
		const score = scoreOf(members, draws, chances);
		if (score !== undefined) scores.push([value, score]);
	}
	return Object.fromEntries(scores);
}

/** Share of sets that are right as a whole, a mean over draws; sets not answered whole are left out. */
export function setScoreOf(sets: Split, draws: readonly Marks[], chances: readonly number[]): SetScore | undefined {
	let known = 0;
	let right = 0;
	let chance = 0;
	for (const members of sets.values()) {
		const whole = draws.filter((marks) => members.every((question) => (marks[question] ?? 0) & RECORDED));
		if (whole.length === 0) continue;
		known++;
		right += whole.filter((marks) => members.every((question) => marks[question]! & CORRECT)).length / whole.length;
		chance += members.reduce((product, question) => product * chances[question]!, 1);
	}
	const interval = wilsonInterval(right, known);
	return interval && { sets: known, accuracy: right / known, interval, chance: chance / known };
}

/** Share of the draws that have a question right, and whether the first has; undefined unless all are recorded. */
export function outcomeOf(draws: readonly Marks[], question: number): { mean: number; first: number } | undefined {
	let correct = 0;
	for (const marks of draws) {
		const mark = marks[question] ?? 0;
		if (!(mark & RECORDED)) return undefined;
		if (mark & CORRECT) correct++;
	}
	return { mean: correct / draws.length, first: draws[0]![question]! & CORRECT ? 1 : 0 };
}
