/** A question without case, white space and articles, and without `imange`, a slip of the older POPE files. */
const plain = (text: string) =>
	text
		.toLowerCase()
		.replaceAll('imange', 'image')
		.replace(/\ban? /g, '')
		.replace(/\s+/g, ' ')
		.trim();

/** Marks at a question's end, which prompts leave out or replace. */
const LAST_MARKS = /[\s\p{P}]+$/u;

/**
 * Whether a question is in what was asked. Prompts carry suffixes and templates, so it may stand anywhere in them. Case,
 * white space, articles and marks at its end do not count; without these marks it must not go on with more letters
 * ("on the bed." is not "on the bedspread").
 */
export function asksThe(asked: string, question: string): boolean {
	const [text, whole] = [plain(asked), plain(question)];
	if (text.includes(whole)) return true;
	const [, ...rests] = text.split(whole.replace(LAST_MARKS, ''));
	return rests.some((rest) => !/^[\p{L}\p{N}]/u.test(rest));
}
