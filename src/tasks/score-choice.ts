import { closed, tidy } from './closed.ts';
import type { Parsed } from './task.ts';

/** A phrase that may stand in an answer, and the answer it means. */
export type Phrase = readonly [phrase: string, value: string];

const NONE: Parsed = { value: null, status: 'none' };
const AMBIGUOUS: Parsed = { value: null, status: 'ambiguous' };
const ok = (value: string): Parsed => ({ value, status: 'ok' });

/** One value, several, or none. */
function only(values: ReadonlySet<string>): Parsed {
	const [first] = values;
	if (first === undefined) return NONE;
	return values.size === 1 ? ok(first) : AMBIGUOUS;
}

/** Makes a reader that finds phrases as whole words, longer ones first, so that "on the left" is no "on". */
export function phraseFinder(phrases: readonly Phrase[]): (text: string) => Parsed {
	return closed([], { loose: Object.fromEntries(phrases) }).lenient;
}

/** The whole answer is one of the phrases and nothing else. */
export function wholePhrase(text: string, phrases: readonly Phrase[]): Parsed {
	const whole = tidy(text);
	const found = phrases.find(([phrase]) => tidy(phrase) === whole);
	return found ? ok(found[1]) : NONE;
}

/** Letter of option i: A, B, C … */
export const letterOf = (i: number): string => String.fromCharCode(65 + i);

/**
 * The option that a whole answer names: its letter, with or without brackets, its text, or both. Values are letters.
 * More than 26 options have no letters beyond Z.
 */
export function wholeOption(text: string, options: readonly string[]): Parsed {
	const whole = tidy(text);
	const lettered = /^\(?([a-z])[).:]*(?:\s+(.*))?$/s.exec(whole);
	const letters = options.map((option, i) => [tidy(option), letterOf(i)] as const);
	if (lettered) {
		const [, letter, more] = lettered;
		const found = letters.find(([option, own]) => own.toLowerCase() === letter && (!more || more === option));
		if (found) return ok(found[1]);
	}
	const found = letters.filter(([option]) => option === whole);
	return found.length === 1 ? ok(found[0]![1]) : NONE;
}

/**
 * The option that an answer names anywhere: as a whole; after "answer is" or "answer:"; as a leading or bracketed
 * letter; by its text. "A" without brackets or stop is an article before a word, no letter.
 */
export function anyOption(text: string, options: readonly string[]): Parsed {
	const whole = wholeOption(text, options);
	if (whole.status === 'ok') return whole;
	const known = options
		.map((_, i) => letterOf(i))
		.join('')
		.slice(0, 26);
	if (known === '') return NONE;
	const stated = [...text.matchAll(/answer(?:\s+is)?\s*:?\s*/gi)].at(-1);
	if (stated) {
		const inRest = anyOption(text.slice(stated.index + stated[0].length), options);
		if (inRest.status === 'ok') return inRest;
	}
	const bracketed = only(lettersIn(text, new RegExp(`\\(([${known}])\\)`, 'g')));
	if (bracketed.status !== 'none') return bracketed;
	const leading = new RegExp(`^\\s*(?:[*(\\s]*([${known}])[).:*]+|([${known}]))(?=\\s|$)`).exec(text);
	const letter = leading?.[1] ?? leading?.[2];
	if (letter !== undefined && (leading?.[1] !== undefined || letter !== 'A')) return ok(letter);
	const byText = phraseFinder(options.map((option, i) => [option, letterOf(i)]))(text);
	if (byText.status !== 'none') return byText;
	const alone = lettersIn(text, new RegExp(`\\b([${known}])\\b`, 'g'));
	alone.delete('A');
	return only(alone);
}

const lettersIn = (text: string, pattern: RegExp) => new Set([...text.matchAll(pattern)].map((found) => found[1]!));
