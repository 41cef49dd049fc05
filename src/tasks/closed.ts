import type { Parsed } from './task.ts';

/**
 * Reads answers of a closed vocabulary. `strict`: the whole answer is one allowed answer, case, outer blanks and one
 * final full stop aside. `lenient`: exactly one allowed answer occurs in the text, as whole words.
 */
export interface AnswerReader {
	strict(raw: string): Parsed;
	lenient(raw: string): Parsed;
}

const NONE: Parsed = { value: null, status: 'none' };
const AMBIGUOUS: Parsed = { value: null, status: 'ambiguous' };
const ok = (value: string): Parsed => ({ value, status: 'ok' });

/** Longer answers are cut before they are searched: no answer to a short question needs more, and time stays bounded. */
const MAX_LENGTH = 10_000;

/** No answer of two parts has more words. */
const MAX_WORDS = 20;

/** Lower case, blanks collapsed, one final full stop dropped. */
export function tidy(raw: string): string {
	return raw.slice(0, MAX_LENGTH).toLowerCase().replace(/\s+/g, ' ').trim().replace(/ ?\.$/, '');
}

/** End of a clause, as a word of its own. */
const END = '.';
const ENDS = new Set(['but', 'rather', 'instead']);

/** Words and numbers in order, lower case; "isn't" becomes "is", "not"; what ends a clause becomes ".". */
function words(raw: string): string[] {
	const text = raw.slice(0, MAX_LENGTH).toLowerCase().replaceAll('’', "'");
	const tokens =
		text
			.replace(/\bcan(?:'t|not)\b/g, ' can not ')
			.replace(/n't\b/g, ' not ')
			.match(/[\p{L}\p{N}]+|[.,;:!?\n]/gu) ?? [];
	return tokens.map((token) => (/^[.,;:!?\n]/.test(token) || ENDS.has(token) ? END : token));
}

const NEGATIONS = new Set(['not', 'no', 'never', 'neither', 'nor', 'without']);

/** Words before a mention, in its clause, among which a negation denies it: "not on the left", "no red or blue". */
const DENIAL_REACH = 4;

function isDenied(tokens: readonly string[], at: number): boolean {
	for (let i = at - 1; i >= 0 && i >= at - DENIAL_REACH && tokens[i] !== END; i--) {
		if (NEGATIONS.has(tokens[i]!)) return true;
	}
	return false;
}

/** The distinct answers mentioned and not denied, longest match first: "left of" before "left". */
function mentions(tokens: readonly string[], phrases: ReadonlyMap<string, string>, longest: number): Set<string> {
	const found = new Set<string>();
	for (let i = 0; i < tokens.length; i++) {
		for (let n = Math.min(longest, tokens.length - i); n > 0; n--) {
			const answer = phrases.get(tokens.slice(i, i + n).join(' '));
			if (answer === undefined) continue;
			if (!isDenied(tokens, i)) found.add(answer);
			i += n - 1;
			break;
		}
	}
	return found;
}

function one(found: ReadonlySet<string>): Parsed {
	const [first] = found;
	if (first === undefined) return NONE;
	return found.size === 1 ? ok(first) : AMBIGUOUS;
}

export interface ClosedOptions {
	/** Other words for an answer, by the word; allowed in strict answers as well: `{ '2': 'two' }`. */
	same?: Readonly<Record<string, string>>;
	/** Other words for an answer that only the lenient reading accepts: `{ under: 'below' }`. */
	loose?: Readonly<Record<string, string>>;
}

/** A reader for a list of allowed answers, each of one or more words. Case does not matter. */
export function closed(answers: readonly string[], { same = {}, loose = {} }: ClosedOptions = {}): AnswerReader {
	const exact = new Map<string, string>(answers.map((answer) => [tidy(answer), tidy(answer)]));
	for (const [word, answer] of Object.entries(same)) exact.set(word, answer);
	const phrases = new Map<string, string>();
	for (const [word, answer] of [...Object.entries(loose), ...exact]) phrases.set(words(word).join(' '), answer);
	const longest = Math.max(1, ...[...phrases.keys()].map((phrase) => phrase.split(' ').length));
	return {
		strict(raw) {
			const answer = exact.get(tidy(raw));
			return answer === undefined ? NONE : ok(answer);
		},
		lenient: (raw) => one(mentions(words(raw), phrases, longest)),
	};
}

/**
 * A reader for answers of two parts in this order, such as colour and shape: "red circle". The lenient reading wants
 * exactly one first part and one second part, anywhere: "The circle is red."
 */
export function closedPair(first: AnswerReader, second: AnswerReader): AnswerReader {
	return {
		strict(raw) {
			const parts = tidy(raw).split(' ');
			if (parts.length > MAX_WORDS) return NONE;
			for (let i = 1; i < parts.length; i++) {
				const a = first.strict(parts.slice(0, i).join(' '));
				const b = second.strict(parts.slice(i).join(' '));
				if (a.value !== null && b.value !== null) return ok(`${a.value} ${b.value}`);
			}
			return NONE;
		},
		lenient(raw) {
			const a = first.lenient(raw);
			const b = second.lenient(raw);
			if (a.value !== null && b.value !== null) return ok(`${a.value} ${b.value}`);
			return a.status === 'ambiguous' || b.status === 'ambiguous' ? AMBIGUOUS : NONE;
		},
	};
}

/** Phrases of not knowing, in which "no" and "not" answer nothing. */
const UNSURE =
	/\b(?:not (?:sure|certain|clear|possible|able|visible|know|tell|determine|say|enough)|no (?:idea|way|information))\b/g;

const YES = new Set(['yes', 'yeah', 'yep']);
const NO = new Set(['no', 'nope', 'not']);

/**
 * Yes or no. The lenient reading takes "yes" and "no" as words, and "not" as no: "It is not above the square." Yes with
 * no or not is ambiguous; "not sure", "cannot tell" and the like say nothing.
 */
export const yesNo: AnswerReader = {
	strict: closed(['yes', 'no']).strict,
	lenient(raw) {
		const found = words(raw).join(' ').replace(UNSURE, ' ').split(' ');
		const said = new Set<string>();
		if (found.some((word) => YES.has(word))) said.add('yes');
		if (found.some((word) => NO.has(word))) said.add('no');
		return one(said);
	},
};
