/** Bins of a factor of 10: one bin is 0.45 % wide. */
const BINS_PER_DECADE = 512;
/** Decades from 10^FIRST on. What is smaller or larger is counted in the outermost bins. */
const FIRST = -6;
const DECADES = 12;
const BINS = BINS_PER_DECADE * DECADES;

/**
 * Counts of positive numbers in bins of equal width on a logarithmic axis: quantiles of any number of values in 48 kB.
 * Mean, least and greatest are exact. A quantile is off by at most 0.23 % (half a bin) for values from 1e-6 to 1e6.
 */
export interface LogHistogram {
	count: number;
	sum: number;
	min: number;
	max: number;
	bins: Float64Array; // [BINS]
}

/** The same counts, coarser, as plain data; bin i begins at 10^(start + i · width). */
export interface CoarseHistogram {
	start: number;
	width: number;
	counts: number[];
}

export const emptyHistogram = (): LogHistogram => ({
	count: 0,
	sum: 0,
	min: Number.POSITIVE_INFINITY,
	max: Number.NEGATIVE_INFINITY,
	bins: new Float64Array(BINS),
});

const binOf = (value: number) =>
	Math.min(BINS - 1, Math.max(0, Math.floor((Math.log10(value) - FIRST) * BINS_PER_DECADE)));

/** Counts one number from 0 up, `times` times. */
export function addValue(histogram: LogHistogram, value: number, times = 1): void {
	histogram.count += times;
	histogram.sum += value * times;
	histogram.min = Math.min(histogram.min, value);
	histogram.max = Math.max(histogram.max, value);
	histogram.bins[binOf(value)]! += times;
}

/** The middle of the bin of the value with this rank, 0 the least. */
function valueAt({ bins, min, max }: LogHistogram, rank: number): number {
	let below = 0;
	let bin = 0;
	while (bin < BINS - 1 && below + bins[bin]! <= rank) below += bins[bin++]!;
	const middle = 10 ** (FIRST + (bin + 0.5) / BINS_PER_DECADE);
	return Math.min(max, Math.max(min, middle));
}

/** Quantile `p` by linear interpolation between neighbouring values (type 7); undefined where nothing was counted. */
export function histogramQuantile(histogram: LogHistogram, p: number): number | undefined {
	if (histogram.count === 0) return undefined;
	const position = (histogram.count - 1) * p;
	const low = valueAt(histogram, Math.floor(position));
	const high = valueAt(histogram, Math.ceil(position));
	return low + (high - low) * (position - Math.floor(position));
}

/** The counts in bins `merge` times as wide, from the first to the last that holds something. */
export function coarsen({ bins }: LogHistogram, merge: number): CoarseHistogram {
	const counts = Array.from({ length: BINS / merge }, (_, i) =>
		bins.subarray(i * merge, (i + 1) * merge).reduce((a, b) => a + b, 0),
	);
	const first = Math.max(
		0,
		counts.findIndex((n) => n > 0),
	);
	const last = counts.findLastIndex((n) => n > 0);
	return {
		start: FIRST + (first * merge) / BINS_PER_DECADE,
		width: merge / BINS_PER_DECADE,
		counts: counts.slice(first, last + 1),
	};
}
