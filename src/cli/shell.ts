const quote = (word: string): string =>
	/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** User and password of any address, which must not be printed. */
const withoutPassword = (word: string): string => word.replace(/(:\/\/)[^/?#\s]*@/g, '$1…@');

/** Words as a line for a POSIX shell, without passwords. */
export const commandLine = (words: readonly string[]): string =>
	words.map((word) => quote(withoutPassword(word))).join(' ');
