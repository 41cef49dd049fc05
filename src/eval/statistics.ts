/** Statistics of yes-or-no outcomes. Only + − × ÷ and √ are used, so every platform gives the same bits. */

/** Two-sided 95 % point of the standard normal. */
const Z95 = 1.959963984540054;

export type Interval = [low: number, high: number];

/**
 * Wilson's score interval at 95 % for `successes` of `n`; undefined where n is 0. `successes` may be a fraction (a
 * mean over draws). Wilson (1927), as method 3 of Newcombe (1998), Statistics in Medicine 17:857.
 */
export function wilsonInterval(successes: number, n: number): Interval | undefined {
	if (n === 0) return undefined;
	const p = successes / n;
	const z2 = Z95 * Z95;
	const centre = p + z2 / (2 * n);
	const half = Z95 * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
	const scale = 1 + z2 / n;
	return [
		successes <= 0 ? 0 : Math.max(0, (centre - half) / scale),
		successes >= n ? 1 : Math.min(1, (centre + half) / scale),
	];
}

/**
 * Exact two-sided p of McNemar's test: min(1, 2 · P(X ≤ min(onlyA, onlyB))), X ~ Binomial(onlyA + onlyB, ½), where
 * `onlyA` and `onlyB` count the questions that one side alone has right. 1 where the sides never differ.
 */
export function mcnemarExact(onlyA: number, onlyB: number): number {
	const n = onlyA + onlyB;
	const k = Math.min(onlyA, onlyB);
	if (2 * k === n) return 1;

	// C(n, k) / 2ⁿ: each factor is above 1 and is halved as soon as it can be, so that nothing overflows.
	let halvings = n;
	let top = 1;
	for (let i = 1; i <= k; i++) {
		top *= (n - k + i) / i;
		for (; top > 1 && halvings > 0; halvings--) top /= 2;
	}
	for (; top > 0 && halvings > 0; halvings--) top /= 2;

	// The tail below k, relative to its largest term: C(n, i − 1) = C(n, i) · i / (n − i + 1).
	let tail = 1;
	let term = 1;
	for (let i = k; i > 0 && term > tail * 2 ** -60; i--) {
		term *= i / (n - i + 1);
		tail += term;
	}
	return Math.min(1, 2 * top * tail);
}

/** Quantile `p` of ascending values by linear interpolation (R's type 7, numpy's default); undefined where empty. */
export function quantileSorted(sorted: ArrayLike<number>, p: number): number | undefined {
	if (sorted.length === 0) return undefined;
	const position = (sorted.length - 1) * p;
	const index = Math.floor(position);
	const low = sorted[index]!;
	const high = sorted[Math.min(index + 1, sorted.length - 1)]!;
	return low + (high - low) * (position - index);
}

/** The central 95 % of bootstrap values (percentile method); undefined where there are none. */
export function percentileInterval(values: Iterable<number>): Interval | undefined {
	const sorted = Float64Array.from(values).sort();
	const low = quantileSorted(sorted, 0.025);
	const high = quantileSorted(sorted, 0.975);
	return low === undefined || high === undefined ? undefined : [low, high];
}
