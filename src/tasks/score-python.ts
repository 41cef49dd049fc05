/**
 * Text functions of Python, where JavaScript's differ: the official scorers are Python, and whether an answer counts
 * can hang on one odd space. Python's white space has the separators U+001C to U+001F and U+0085, which JavaScript's
 * has not, and lacks U+FEFF, which JavaScript's has.
 */
const SPACE = '[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]';
const ENDS = new RegExp(`^${SPACE}+|${SPACE}+$`, 'g');
const RUN = new RegExp(`${SPACE}+`);

/** Printable ASCII, so no white space; most texts begin and end so. */
const isPlain = (code: number) => code > 0x20 && code < 0x7f;

/** `text.strip()`. */
export function strip(text: string): string {
	if (isPlain(text.charCodeAt(0)) && isPlain(text.charCodeAt(text.length - 1))) return text;
	return text.replace(ENDS, '');
}

/** `text.split()`: words between runs of white space; none for a blank text. */
export function split(text: string): string[] {
	const inner = strip(text);
	return inner === '' ? [] : inner.split(RUN);
}

/** `text.rstrip(characters)`. */
export function rstrip(text: string, characters: string): string {
	let end = text.length;
	while (end > 0 && characters.includes(text[end - 1]!)) end--;
	return text.slice(0, end);
}

/** `text.lstrip(characters)`. */
export function lstrip(text: string, characters: string): string {
	let start = 0;
	while (start < text.length && characters.includes(text[start]!)) start++;
	return text.slice(start);
}
