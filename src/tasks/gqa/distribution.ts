type Histogram = Map<string, number>;

/** Right and predicted answers of the questions that are in a group, by group. */
export interface Distributions {
	right: Map<string, Histogram>;
	predicted: Map<string, Histogram>;
}

function addTo(groups: Map<string, Histogram>, group: string, answer: string): void {
	let histogram = groups.get(group);
	if (!histogram) {
		histogram = new Map();
		groups.set(group, histogram);
	}
	histogram.set(answer, (histogram.get(answer) ?? 0) + 1);
}

export function addAnswer(
	{ right, predicted }: Distributions,
	group: string,
	answer: string,
	prediction: string,
): void {
	addTo(right, group, answer);
	addTo(predicted, group, prediction);
}

/**
 * The official distribution score, lower is better: per group the chi-square statistic of the predicted against the
 * right counts, weighted by the group's size, / 100. Null if no question is in a group. What a model predicts beyond
 * the right answers of a group costs nothing, as in the official code.
 */
export function distributionScore({ right, predicted }: Distributions): number | null {
	let [sum, count] = [0, 0];
	for (const [group, histogram] of right) {
		let [statistic, size] = [0, 0];
		for (const [answer, expected] of histogram) {
			const observed = predicted.get(group)?.get(answer) ?? 0;
			statistic += (observed - expected) ** 2 / expected;
			size += expected;
		}
		sum += statistic * size;
		count += size;
	}
	return count === 0 ? null : sum / count / 100;
}
