/** How often each value occurs, values in order of first appearance. */
export function counts<T>(values: Iterable<T>): Map<T, number> {
	const result = new Map<T, number>();
	for (const value of values) result.set(value, (result.get(value) ?? 0) + 1);
	return result;
}

/** A Markdown table. Cells must be plain words. */
export function markdownTable(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
	return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}
