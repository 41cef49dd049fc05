/** A balanced question that was answered right, and the questions that follow from it. */
export interface Implication {
	entailed: readonly string[];
}

/**
 * The official consistency: over the questions answered right that entail others, the mean share of those others
 * answered right. `rights` says of every answered question whether it was. With `complete`, as the official code
 * demands, null if an entailed question is missing; else over those that are there.
 */
export function consistency(
	implications: readonly Implication[],
	rights: ReadonlyMap<string, boolean>,
	{ complete }: { complete: boolean },
): number | null {
	let [sum, count] = [0, 0];
	for (const { entailed } of implications) {
		const known = entailed.map((id) => rights.get(id)).filter((right) => right !== undefined);
		if (complete && known.length < entailed.length) return null;
		if (known.length === 0) continue;
		sum += known.filter(Boolean).length / known.length;
		count++;
	}
	return count === 0 ? null : sum / count;
}
