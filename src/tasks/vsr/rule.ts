import { type Phrase, phraseFinder, wholePhrase } from '../score-choice.ts';
import type { Parsed } from '../task.ts';

const TRUTH: readonly Phrase[] = [
	['yes', 'true'],
	['true', 'true'],
	['1', 'true'],
	['correct', 'true'],
	['no', 'false'],
	['false', 'false'],
	['0', 'false'],
	['incorrect', 'false'],
	['not true', 'false'],
	['not correct', 'false'],
];
const WHOLE = TRUTH.slice(0, 3).concat(TRUTH.slice(4, 7));
const find = phraseFinder(TRUTH);

/** The whole answer is yes or no, true or false, or the label itself, 1 or 0; case and a full stop aside. */
export function wholeTruth(answer: string): Parsed {
	return wholePhrase(answer, WHOLE);
}

/** The leading word if it says yes or no; else whichever of the two the answer says anywhere. */
export function anyTruth(answer: string): Parsed {
	const [first = ''] = /[\p{L}\p{N}]+/u.exec(answer) ?? [];
	const leading = wholePhrase(first, WHOLE);
	return leading.status === 'ok' ? leading : find(answer);
}

/**
 * AdaptVis' rule: right if the raw answer has `Yes` in it and the statement is true, or `No` and it is false; capitals
 * count, and `Not sure` is a No.
 */
export function adaptVisRight(answer: string, label: boolean): boolean {
	return answer.includes(label ? 'Yes' : 'No');
}
