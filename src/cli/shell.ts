const quote = (word: string): string =>
	/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;

/** Words as a line for a POSIX shell. */
export const commandLine = (words: readonly string[]): string => words.map(quote).join(' ');
