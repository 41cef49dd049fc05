/** Columns as wide as their widest cell, two spaces apart: the first aligned left, the others right. */
export function table(rows: readonly (readonly string[])[]): string {
	const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
	return rows
		.map((row) =>
			row
				.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
				.join('  ')
				.trimEnd(),
		)
		.join('\n');
}

/** `56.6` for a fraction of 0.566. */
export const percent = (fraction: number): string => (100 * fraction).toFixed(1);

/** `1.2 MB` */
export function fileSize(bytes: number): string {
	if (bytes < 1000) return `${bytes} B`;
	return bytes < 1e6 ? `${(bytes / 1e3).toFixed(0)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
