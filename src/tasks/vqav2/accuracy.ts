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

function judged(value: string, given: readonly string[], keys: () => readonly string[]): Judged {
	const votes = given.filter((other) => other === value).length;
	return { value, votes, accuracy: votes === 0 ? 0 : leaveOneOut(value, given, keys()) };
}

/**
 * Mean over the human answers of min(1, matches among the others / 3). The official code finds "the others" by
 * comparing whole records, so two that are alike in all fields count as one and the same; `key` tells them apart.
 */
function leaveOneOut(value: string, humans: readonly string[], keys: readonly string[]): number {
	let total = 0;
	for (let i = 0; i < humans.length; i++) {
		let matches = 0;
		for (let j = 0; j < humans.length; j++) if (humans[j] === value && keys[j] !== keys[i]) matches++;
		total += Math.min(1, matches / 3);
	}
	return total / humans.length;
}

/** What tells two records apart besides the answer. */
const rest = ({ answer_confidence, answer_id }: HumanAnswer) => JSON.stringify([answer_confidence, answer_id]);

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
	return judged(value, given, () => humans.map((human, i) => `${given[i]} ${rest(human)}`));
}

/**
 * The sensible accuracy, as TextVQA's evaluator has it: both sides always normalised (LLaVA's processor), each human
 * answer against the other nine.
 */
export function lenientAccuracy(answer: string, humans: readonly HumanAnswer[]): Judged {
	const value = evalAi(answer);
	const given = humans.map((human) => evalAi(human.answer));
	return judged(value, given, () => humans.map((_, i) => String(i)));
}
