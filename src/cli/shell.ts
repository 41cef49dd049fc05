const quote = (word: string): string =>
	/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** Without user and password of any address; in one of Redis a password may hold anything, or stand in a query. */
const withoutPassword = (word: string): string =>
	word
		.replace(/(rediss?:\/\/)\S*@/gi, '$1…@')
		.replace(/(rediss?:\/\/[^?\s]*\?)\S*/gi, '$1…')
		.replace(/(:\/\/)[^/?#\s]*@/g, '$1…@');

/** Words as a line for a POSIX shell, without passwords. */
export const commandLine = (words: readonly string[]): string =>
	words.map((word) => quote(withoutPassword(word))).join(' ');
