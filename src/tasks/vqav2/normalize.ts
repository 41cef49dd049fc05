import { split, strip } from '../score-python.ts';
import { contractions } from './contractions.ts';

/** The punctuation that is taken out, in the order in which it is; the official list of this version has no colon. */
const PUNCTUATION = [...';/[]"{}()=+\\_-><@`,?!'];

/** The official code passes a flag where Python's `sub` takes a count: `re.UNICODE`, 32. */
const MAX_PERIODS = 32;

/** Without any of these, a text has nothing to take out; most answers are such. */
const ANY_MARK = /[;/[\]"{}()=+\\_\-><@`,?!.]/;

const NUMBERS: ReadonlyMap<string, string> = new Map([
	['none', '0'],
	...['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'].map(
		(word, n): [string, string] => [word, String(n)],
	),
]);
const ARTICLES = new Set(['a', 'an', 'the']);

/** Longest text and most texts that are remembered: people's answers are short, and mostly the same few. */
const [REMEMBERED_LENGTH, REMEMBERED] = [64, 20_000];

/** Remembers what a pure function made of short texts; when full, it forgets all and starts again. */
function remembered(make: (text: string) => string): (text: string) => string {
	const known = new Map<string, string>();
	return (text) => {
		if (text.length > REMEMBERED_LENGTH) return make(text);
		let made = known.get(text);
		if (made === undefined) {
			made = make(text);
			if (known.size >= REMEMBERED) known.clear();
			known.set(text, made);
		}
		return made;
	};
}

function punctuation(text: string, commaInNumber: RegExp, period: RegExp): string {
	if (!ANY_MARK.test(text)) return text;
	const numberHasComma = commaInNumber.test(text);
	let out = text;
	for (const mark of PUNCTUATION) {
		// Whether a mark is deleted or becomes a space hangs on the text as it came, and on any number with a comma in it.
		const deleted = numberHasComma || text.includes(`${mark} `) || text.includes(` ${mark}`);
		out = out.replaceAll(mark, deleted ? '' : ' ');
	}
	let periods = 0;
	return out.replace(period, (found) => (periods++ < MAX_PERIODS ? '' : found));
}

/**
 * `processPunctuation` of the official `vqaEval.py`. A full stop goes unless a digit follows it: the look-behind that
 * should have kept `1.` reads `(?!<=\d)` and never holds anything back.
 */
export function processPunctuation(text: string): string {
	return punctuation(text, /[0-9],[0-9]/, /\.(?![0-9])/g);
}

/** `processDigitArticle`: lower case, number words to digits, articles out, contractions with their apostrophes. */
export function processDigitArticle(text: string): string {
	return split(text.toLowerCase())
		.map((word) => NUMBERS.get(word) ?? word)
		.filter((word) => !ARTICLES.has(word))
		.map((word) => contractions.get(word) ?? word)
		.join(' ');
}

/** `processPunctuation`, then `processDigitArticle`: what the official code does to answers on which people differ. */
export const normalize = remembered((text) => processDigitArticle(processPunctuation(text)));

/** Line feeds and tabs become spaces, and the ends are trimmed: done to every answer, whatever else is. */
export function tidy(text: string): string {
	return strip(text.replaceAll('\n', ' ').replaceAll('\t', ' '));
}

/**
 * LLaVA's `EvalAIAnswerProcessor`, which prepares answers for the VQA server: first lower case, no commas and question
 * marks, `'s` set apart; then the official normalisation.
 */
export const evalAi = remembered((text) => {
	const words = strip(text.toLowerCase().replaceAll(',', '').replaceAll('?', '').replaceAll("'s", " 's"));
	return processDigitArticle(punctuation(tidy(words), /(?<=\p{Nd}),+(?=\p{Nd})/u, /\.(?!\p{Nd})/gu));
});
