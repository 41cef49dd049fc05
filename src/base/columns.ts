/** Lines of columns as wide as their widest cell: words on the left, or, after the first column, numbers on the right. */
export function columns(rows: readonly (readonly string[])[], { numbers = false } = {}): string[] {
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
	const pad = (cell: string, i: number) => (numbers && i > 0 ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!));
	return rows.map((row) => row.map(pad).join('  ').trimEnd());
}

/** A table of figures as one text: the first column aligned left, the others right. */
export const table = (rows: readonly (readonly string[])[]): string => columns(rows, { numbers: true }).join('\n');
