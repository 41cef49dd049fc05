import { yesNo } from '../closed.ts';
import { strip } from '../score-python.ts';
import type { Parsed } from '../task.ts';

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

/** The sensible reading: the leading word if it is yes or no, else what the whole answer says. */
export function lenientReading(answer: string): Parsed {
	const [first = ''] = /[\p{L}\p{N}]+/u.exec(answer) ?? [];
	const leading = yesNo.strict(first);
	return leading.status === 'ok' ? leading : yesNo.lenient(answer);
}

/** The whole answer is yes or no, case and white space aside: what lmms-eval asks for. Null for anything else. */
export function wholeReading(answer: string): YesNo | null {
	const text = strip(answer.toLowerCase());
	return text === 'yes' || text === 'no' ? text : null;
}
