/**
 * A text without the characters at its end that `character` (a pattern of one) matches. A regular expression such as
 * `/=+$/` does the same, but takes the square of the time on a long run of them that is not at the end (CWE-1333).
 */
export function withoutEnd(text: string, character: RegExp): string {
	let end = text.length;
	while (end > 0 && character.test(text[end - 1]!)) end--;
	return text.slice(0, end);
}
