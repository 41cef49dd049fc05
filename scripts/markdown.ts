/** A table in Markdown; the first row is its head, the first column is words, all others are numbers. */
export const markdown = (rows: readonly (readonly string[])[]): string =>
	rows
		.flatMap((row, i) => [
			`| ${row.join(' | ')} |`,
			...(i === 0 ? [`|${row.map((_, k) => (k === 0 ? '---|' : '---:|')).join('')}`] : []),
		])
		.join('\n');
