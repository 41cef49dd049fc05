import { evalAi, normalize, tidy } from './normalize.ts';

/** One of the (usually ten) human answers to a question. */
export interface HumanAnswer {
	answer: string;
	answer_confidence?: string | undefined;
	answer_id?: number | string | undefined;
}

/** An answer as it was compared. */
export interface Judged {
	value: string;
	/** 0 … 1. */
	accuracy: number;
	/** How many people gave it. */
	votes: number;
}

/** Whether two human answers, by their places, count as one and the same. */
type Alike = (i: number, j: number) => boolean;

/**
 * Mean over the human answers of min(1, matches among the others / 3), added up in their order, as the official code
 * does. It finds "the others" by comparing whole records, so two that are alike in all fields count as one and the same.
 */
function judged(value: string, humans: readonly string[], alike: Alike): Judged {
	const own = humans.flatMap((human, i) => (human === value ? [i] : []));
	const votes = own.length;
	if (votes === 0) return { value, votes, accuracy: 0 };
	let total = 0;
	humans.forEach((human, i) => {
		const matches = human === value ? own.filter((j) => !alike(i, j)).length : votes;
		total += Math.min(1, matches / 3);
	});
	return { value, votes, accuracy: total / humans.length };
}

/**
 * The accuracy of the official `vqaEval.py` (GT-Vision-Lab/VQA at a013f00). Answers are normalised only if the human
 * ones are not all the same: where they are, `Yes` is wrong against `yes`.
 */
export function officialAccuracy(answer: string, humans: readonly HumanAnswer[]): Judged {
	let value = tidy(answer);
	let given = humans.map((human) => tidy(human.answer));
	if (given.some((other) => other !== given[0])) {
		given = given.map(normalize);
		value = normalize(value);
	}
	return judged(value, given, (i, j) => {
		const [a, b] = [humans[i]!, humans[j]!];
		return a.answer_id === b.answer_id && a.answer_confidence === b.answer_confidence;
	});
}

/**
 * The sensible accuracy, as TextVQA's evaluator has it: both sides always normalised (LLaVA's processor), each human
 * answer against the other nine.
 */
export function lenientAccuracy(answer: string, humans: readonly HumanAnswer[]): Judged {
	const value = evalAi(answer);
	const given = humans.map((human) => evalAi(human.answer));
	return judged(value, given, (i, j) => i === j);
}
