import { strip } from '../score-python.ts';

export type YesNo = 'yes' | 'no';

/**
 * POPE's own reading (AoiDragon/POPE `evaluate.py`; LLaVA's `eval_pope.py` has the same): of the text before the first
 * full stop, without commas, split at single spaces, "no" if a word is exactly `No`, `not` or `no`; anything else,
 * an empty answer and `NO` included, is "yes".
 */
export function officialReading(answer: string): YesNo {
	const words = answer.split('.', 1)[0]!.replaceAll(',', '').split(' ');
	return words.includes('No') || words.includes('not') || words.includes('no') ? 'no' : 'yes';
}

/**
 * The sensible reading: the leading word if it is yes or no; else the one of the two that occurs; else "no" if the
 * answer negates (`not`, `n't`). Null if it does none of these, or says both.
 */
export function lenientReading(answer: string): YesNo | null {
	const words: string[] =
		answer
			.toLowerCase()
			.replaceAll('’', "'")
			.match(/[\p{L}\p{N}']+/gu) ?? [];
	if (words[0] === 'yes' || words[0] === 'no') return words[0];
	const [yes, no] = [words.includes('yes'), words.includes('no')];
	if (yes !== no) return yes ? 'yes' : 'no';
	return !yes && words.some((word) => word === 'not' || word === 'cannot' || word.endsWith("n't")) ? 'no' : null;
}

/** The whole answer is yes or no, case and white space aside: what lmms-eval asks for. Null for anything else. */
export function wholeReading(answer: string): YesNo | null {
	const text = strip(answer.toLowerCase());
	return text === 'yes' || text === 'no' ? text : null;
}
