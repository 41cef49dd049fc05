/** Number of single-character edits (insert, delete, replace, swap of neighbours) from `a` to `b`. */
export function editDistance(a: string, b: string): number {
	let [older, old] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
	for (let i = 1; i <= a.length; i++) {
		const row = [i];
		for (let j = 1; j <= b.length; j++) {
			const same = a[i - 1] === b[j - 1];
			let cost = Math.min(old[j - 1]! + (same ? 0 : 1), old[j]! + 1, row[j - 1]! + 1);
			if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) cost = Math.min(cost, older[j - 2]! + 1);
			row.push(cost);
		}
		[older, old] = [old, row];
	}
	return old[b.length]!;
}

/** `; did you mean X?` for the known word nearest to a mistyped one; empty where none is near. */
export function suggestion(word: string, known: readonly string[]): string {
	const near = known
		.map((name) => ({ name, distance: name.startsWith(word) && word.length > 1 ? 0.5 : editDistance(word, name) }))
		.filter(({ name, distance }) => distance <= Math.max(1, Math.min(word.length, name.length) / 3))
		.sort((a, b) => a.distance - b.distance);
	return near[0] ? `; did you mean ${near[0].name}?` : '';
}
